/** Returns JSON with sorted keys: equal values give equal text, regardless of the order of their keys. */
export function canonicalJson(value: unknown): string {
  // Built without a replacer function, which takes twice the time: every run is hashed and signed several times.
  return stringify(value) ?? stringifySorted(value)
}

function stringify(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((each) => stringify(each) ?? 'null').join(',')}]`
  const object = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(object)
  // Integer-like keys always come first in an object, and `toJSON` defines its own output: `JSON.stringify` handles both.
  if ('toJSON' in object || keys.some((key) => key <= '9~' && key >= '0')) return stringifySorted(value)
  const parts: string[] = []
  for (const key of keys.sort()) {
    const text = stringify(object[key])
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${parts.join(',')}}`
}

function stringifySorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
