/** Returns the first characters (UTF-16 code units) of a text, `maxChars` at most, without half a surrogate pair at the end. */
export function firstChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const last = text.charCodeAt(maxChars - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars)
}

/** Cuts a text to `maxChars` characters (UTF-16 code units), including the ellipsis; never within a surrogate pair. */
export function cutText(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${firstChars(text, maxChars - 1)}…`
}
