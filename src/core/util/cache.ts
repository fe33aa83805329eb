/** Values by name, of which the ones set the longest ago give way to new ones. */
export type Cache<Value> = Pick<Map<string, Value>, 'get' | 'has' | 'delete'> & {
  set: (key: string, value: Value) => void
}

/** Creates a cache of at most `maxEntries` values. */
export function createCache<Value>(maxEntries: number): Cache<Value> {
  const entries = new Map<string, Value>()
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    delete: (key) => entries.delete(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest)
    },
  }
}
