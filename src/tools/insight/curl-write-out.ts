/** Maximum number of characters at the end of the output that are compared with the format of `-w`, and of the format. */
const maxWrittenChars = 2_000
const maxFormatChars = 500

/** Parses the text that `-w` wrote, by its own format; returns an empty map where the output doesn't end with it. */
export function parseWriteOut(text: string, format: string | undefined): ReadonlyMap<string, string> {
  if (format === undefined || format.length > maxFormatChars) return new Map()
  const pattern = format
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .split(/(%\{\w+\})/)
    .map((part, index) => {
      const [, name] = /^%\{(\w+)\}$/.exec(part) ?? []
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      const group = `v_${name}_${index}`
      // Codes have three digits, whatever the page before them ends with.
      if (isCode(name)) return `(?<${group}>\\d{3})`
      // A look-ahead with a back reference doesn't backtrack, so malicious output can't cause excessive matching time.
      return `(?=(?<${group}>[^\\s,;|"}]*))\\k<${group}>`
    })
    .join('')
  // Where the format begins with a value, that is the whole word, so no other place needs to be tried.
  const [, first] = /^%\{(\w+)\}/.exec(format) ?? []
  const begin = first === undefined || isCode(first) ? '' : '(?<![^\\s,;|"}])'
  const found = new RegExp(`${begin}${pattern.replace(/(?<!\n)\n+$/, '')}\\n*$`).exec(text.slice(-maxWrittenChars))
  return new Map(Object.entries(found?.groups ?? {}).map(([name, value]) => [name.replace(/^v_|_\d+$/g, ''), value]))
}

function isCode(name: string): boolean {
  return name === 'http_code' || name === 'response_code'
}
