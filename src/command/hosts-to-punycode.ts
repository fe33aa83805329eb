const wholeName = /^@?[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)*\.?$/u

/**
 * Returns a name with letters outside of ASCII as DNS has it (`bücher.example` → `xn--bcher-kva.example`), also after
 * `@`; any other word unchanged. Source: UTS #46, as URLs of the WHATWG have it.
 */
export function toAsciiName(word: string): string {
  if (!/[^\0-\x7f]/.test(word) || !wholeName.test(word)) return word
  const at = word.startsWith('@') ? '@' : ''
  const url = `http://${word.slice(at.length)}/`
  return URL.canParse(url) ? `${at}${new URL(url).hostname}` : word
}
