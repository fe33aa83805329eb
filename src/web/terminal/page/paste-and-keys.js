/** Characters of a pasted text that are typed without a question. */
const maxUnasked = 1_024
/** Characters of a pasted text that are typed at all. */
export const maxPasted = 5_000_000

/**
 * Cleans a pasted text: line ends become those of the Enter key, and control bytes go, so that no text can end the bracket of a paste or press a key
 * (GHSA-h62m-39wp-xq3w).
 */
export function cleanPaste(text) {
  const lines = text.replaceAll('\r\n', '\r').replaceAll('\n', '\r')
  return Array.from(lines)
    .filter((char) => char === '\t' || char === '\r' || !isControl(char.codePointAt(0)))
    .join('')
}

/** Returns true for control characters of C0 and C1, and for DEL. */
function isControl(code) {
  return code < 32 || (code >= 127 && code < 160)
}

/** Returns what to ask before a pasted text is typed; undefined for one line of a moderate length. */
export function whyAsk(text) {
  const lines = text.split('\r').filter((line) => line !== '').length
  if (text.includes('\r')) return `Type ${lines} ${lines === 1 ? 'line' : 'lines'} into the shell?`
  return text.length > maxUnasked ? `Type ${text.length} characters into the shell?` : undefined
}

/** Keys of the bar, for devices without a keyboard: their labels, and what they type. */
export const barKeys = [
  { label: 'Esc', name: 'Esc', types: '\u001b' },
  { label: 'Tab', name: 'Tab', types: '\t' },
  { label: 'Ctrl', name: 'Ctrl', control: true },
  { label: '↑', name: '↑ Up', types: '\u001b[A' },
  { label: '↓', name: '↓ Down', types: '\u001b[B' },
  { label: '←', name: '← Left', types: '\u001b[D' },
  { label: '→', name: '→ Right', types: '\u001b[C' },
  { label: '^C', name: '^C, interrupt', types: '\u0003' },
]

/** Returns what a character types while Ctrl is held. */
export function withControl(char) {
  const code = char.toUpperCase().charCodeAt(0)
  return code >= 64 && code < 96 ? String.fromCharCode(code - 64) : char
}
