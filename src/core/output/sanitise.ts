// Colour and style codes carry no information here; they are the only escape codes that are removed without a trace.
const colour = new RegExp(`${String.fromCodePoint(0x1b)}\\[[0-9;:]*m`, 'g')

function isBidiControl(code: number): boolean {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0x200e || code === 0x200f
}

function isInvisible(code: number): boolean {
  return (
    code === 0x200b ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x2060 ||
    code === 0xfeff ||
    code === 0x061c ||
    // Tag characters: they encode text that no font displays.
    (code >= 0xe0000 && code <= 0xe007f)
  )
}

function toVisible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // Unicode has a control picture for each of these: U+2400 and up, U+2421 for DEL.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  const isHidden = (code >= 0x80 && code <= 0x9f) || isBidiControl(code) || isInvisible(code)
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
