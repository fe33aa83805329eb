/** Number of entries from which on expired ones are removed. */
const cleanupThreshold = 1_000

/**
 * Returns the function with a cache. A result is cached for `ageMs`, counted from the start of the call; concurrent
 * callers share one call. Failures aren't cached. `now` in ms.
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
    if (cache.size >= cleanupThreshold) for (const [each, entry] of cache) if (isOld(entry)) cache.delete(each)
    const entry = { at: now(), value: load(key) }
    cache.set(key, entry)
    entry.value.catch(() => {
      if (cache.get(key) === entry) cache.delete(key)
    })
    return entry.value
  }
}
