import { createCache } from './cache.ts'

/** Maximum number of results. */
const defaultMaxEntries = 1_000

/**
 * Returns the function with a cache. A result is cached for `ageMs`, counted from the start of the call; concurrent
 * callers share one call. Failures aren't cached. `now` in ms. What `load` is given beside the key doesn't tell calls apart.
 */
export function memoize<T, Rest extends readonly unknown[]>(
  load: (key: string, ...rest: Rest) => Promise<T>,
  now: () => number,
  ageMs: number,
  maxEntries = defaultMaxEntries,
): (key: string, ...rest: Rest) => Promise<T> {
  const cache = createCache<{ at: number; value: Promise<T> }>(maxEntries)
  const isOld = ({ at }: { at: number }) => now() - at >= ageMs
  return (key, ...rest) => {
    const cached = cache.get(key)
    if (cached !== undefined && !isOld(cached)) return cached.value
    const entry = { at: now(), value: load(key, ...rest) }
    cache.set(key, entry)
    entry.value.catch(() => {
      if (cache.get(key) === entry) cache.delete(key)
    })
    return entry.value
  }
}
