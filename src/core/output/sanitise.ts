/**
 * Codes of colour and style, and the erasing of a line's rest that `grep --color` puts beside them, carry no information here; they are the only escape
 * codes that are removed without a trace.
 */
const colour = new RegExp(`${String.fromCodePoint(0x1b)}\\[(?:[0-9;:]*m|0?K)`, 'g')

const isControl = (code: number) => code >= 0x80 && code <= 0x9f
const isLineSeparator = (code: number) => code === 0x2028 || code === 0x2029

/** Characters that a font may show by nothing: Unicode says that they can be ignored. Among them are those that change the direction of a text. */
const ignorable = /^\p{Default_Ignorable_Code_Point}/u
const joiner = 0x200d
const emojiStyle = 0xfe0f
const beforeJoiner = /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)$/u
const emojiBase = /[\p{Extended_Pictographic}\d#*]$/u
const pictograph = /^\p{Extended_Pictographic}/u

/** Returns true for a joiner between two emoji and for the style after one: they make one picture. */
function isInEmoji(code: number, offset: number, text: string): boolean {
  const before = text.slice(Math.max(0, offset - 2), offset)
  if (code === emojiStyle) return emojiBase.test(before)
  return code === joiner && beforeJoiner.test(before) && pictograph.test(text.slice(offset + 1, offset + 3))
}

function toVisible(character: string, offset: number, text: string): string {
  const code = character.codePointAt(0) ?? 0
  // Unicode has a control picture for each of these: U+2400 and up, U+2421 for DEL.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  const isHidden =
    isControl(code) || isLineSeparator(code) || (ignorable.test(character) && !isInEmoji(code, offset, text))
  return isHidden ? `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩` : character
}

/** Carriage returns before a line end belong to it; each other one starts a new line. */
function toLineEnds(returns: string): string {
  return returns.endsWith('\n') ? '\n' : '\n'.repeat(returns.length)
}

/** Characters that may need a replacement; most output has none: it is plain ASCII in lines. */
const unusual = /[^\t\n\x20-\x7e]/gu

/**
 * Makes a program's output safe to display: escape codes, control bytes, direction overrides and invisible characters
 * become visible text, colours are removed, a carriage return starts a new line. Idempotent.
 * Doesn't escape markup and mentions: only an adapter knows those of its platform.
 */
export function sanitise(text: string): string {
  if (text.search(unusual) === -1) return text
  const lines = text.replaceAll(colour, '').replaceAll(/\r+\n?/g, toLineEnds)
  return lines.replace(unusual, toVisible)
}
