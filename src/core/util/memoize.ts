/** Entries after which those that are too old are thrown out. */
const maxEntries = 1_000

/**
 * The same function with a memory of `age` milliseconds, counted from when it was asked; who asks at the same time shares one answer.
 * A failure isn't remembered. `now` in milliseconds.
 */
export function memoize<T>(
  load: (key: string) => Promise<T>,
  now: () => number,
  ageMs: number,
): (key: string) => Promise<T> {
  const cache = new Map<string, { at: number; value: Promise<T> }>()
  const isOld = ({ at }: { at: number }) => now() - at >= ageMs
  return (key) => {
    const cached = cache.get(key)
    if (cached !== undefined && !isOld(cached)) return cached.value
    if (cache.size >= maxEntries) for (const [each, entry] of cache) if (isOld(entry)) cache.delete(each)
    const entry = { at: now(), value: load(key) }
    cache.set(key, entry)
    entry.value.catch(() => {
      if (cache.get(key) === entry) cache.delete(key)
    })
    return entry.value
  }
}
