const nonAscii = /[\u0080-\uffff]/

/** Returns the bytes of a text in UTF-8; an unpaired surrogate counts as the 3 bytes of its replacement character. */
export function utf8Length(text: string): number {
  if (text.search(nonAscii) === -1) return text.length
  let bytes = text.length
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x80) continue
    if (code < 0x800) bytes += 1
    else if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))) {
      bytes += 2
      at += 1
    } else bytes += 2
  }
  return bytes
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
