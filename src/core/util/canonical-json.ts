/** JSON with sorted keys: equal values have equal text, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  // Put together by hand, since every run is hashed and signed several times: half the time of a replacer function.
  return stringify(value) ?? stringifySorted(value)
}

function stringify(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((each) => stringify(each) ?? 'null').join(',')}]`
  const object = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(object)
  // What looks like a number stands first in every object, and a class says itself how it is written.
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
