/** Entries after which those that are too old are thrown out. */
const many = 1_000

/**
 * The same function with a memory of `age` milliseconds, counted from when it was asked; who asks at the same time shares one answer.
 * A failure isn't remembered. `now` in milliseconds.
 */
export function memoize<T>(
  load: (key: string) => Promise<T>,
  now: () => number,
  age: number,
): (key: string) => Promise<T> {
  const known = new Map<string, { at: number; value: Promise<T> }>()
  const isOld = ({ at }: { at: number }) => now() - at >= age
  return (key) => {
    const found = known.get(key)
    if (found !== undefined && !isOld(found)) return found.value
    if (known.size >= many) for (const [each, entry] of known) if (isOld(entry)) known.delete(each)
    const entry = { at: now(), value: load(key) }
    known.set(key, entry)
    entry.value.catch(() => {
      if (known.get(key) === entry) known.delete(key)
    })
    return entry.value
  }
}
