/** Parses JSON; undefined for text that isn't any. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns true for an object with names: not for null, and not for a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a value as an object; an empty one for anything else. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

/** Returns the objects of a list; none for anything else. */
export function toList(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(toRecord) : []
}

/** Returns the value at a path of names; undefined where there is none. */
export function getValue(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => toRecord(inner)[name], value)
}
