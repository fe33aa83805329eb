const escapeCode = 0x1b
const bellCode = 0x07

/** Where a reader of terminal output is: in text, behind ESC, in a control sequence, in a string such as a title, behind ESC in one. */
export type TerminalPlace = 'text' | 'escape' | 'sequence' | 'string' | 'string-escape'

/** Maximum characters of a line; more begin a new one. */
const maxLine = 10_000

/**
 * Creates what turns terminal output into lines of text: control sequences are left out, backspace and carriage return go back in the line.
 * Programs that fill the screen leave what they wrote, in the order in which they wrote it.
 */
export function createPlainText(): { add: (text: string) => string; end: () => string } {
  let place: TerminalPlace = 'text'
  let line: string[] = []
  let column = 0
  const lineText = () => line.join('').trimEnd()
  const write = (character: string, done: string[]) => {
    const code = character.codePointAt(0) ?? 0
    if (character === '\n' || column >= maxLine) {
      done.push(`${lineText()}\n`)
      line = []
      column = 0
      if (character === '\n') return
    }
    if (character === '\r') column = 0
    else if (character === '\b') column = Math.max(0, column - 1)
    else if (code >= 0x20 || character === '\t') {
      while (line.length < column) line.push(' ')
      line[column] = character
      column += 1
    }
  }
  return {
    add(text) {
      const done: string[] = []
      for (const character of text) {
        const code = character.codePointAt(0) ?? 0
        const next = nextPlace(place, code)
        if (place === 'text' && next === 'text') write(character, done)
        // A sequence that erases the rest of the line: what stood there isn't shown any more.
        if (place === 'sequence' && next === 'text' && character === 'K') line.length = Math.min(line.length, column)
        place = next
      }
      return done.join('')
    },
    end: () => (line.length === 0 ? '' : `${lineText()}\n`),
  }
}

/** Returns the place behind a character. */
export function nextPlace(place: TerminalPlace, code: number): TerminalPlace {
  switch (place) {
    case 'text':
      return code === escapeCode ? 'escape' : 'text'
    case 'escape':
      if (code === 0x5b) return 'sequence'
      // OSC, DCS, SOS, PM, APC.
      if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f) return 'string'
      return code >= 0x20 && code <= 0x2f ? 'escape' : 'text'
    case 'sequence':
      return code >= 0x40 && code <= 0x7e ? 'text' : 'sequence'
    case 'string':
      if (code === bellCode) return 'text'
      return code === escapeCode ? 'string-escape' : 'string'
    case 'string-escape':
      return code === 0x5c ? 'text' : 'string'
  }
}
