/** Parses JSON; undefined for text that isn't any. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns a value as an object; an empty one for anything else. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** Returns the objects of a list; none for anything else. */
export function toList(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(toRecord) : []
}

/** Returns the value at a path of names; undefined where there is none. */
export function getValue(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => toRecord(inner)[name], value)
}
