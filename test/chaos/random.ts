/** Random numbers that are the same for the same seed. */
export type Random = {
  /** Returns an integer from `from` to `to`, both included. */
  between: (from: number, to: number) => number
  pick: <T>(list: readonly T[]) => T
  shuffled: <T>(list: readonly T[]) => T[]
}

/** mulberry32, by Tommy Ettinger (public domain). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    between,
    pick(list) {
      const found = list[between(0, list.length - 1)]
      if (found === undefined) throw new Error('nothing to pick from')
      return found
    },
    shuffled(list) {
      const rest = [...list]
      for (let at = rest.length - 1; at > 0; at--) {
        const other = between(0, at)
        const [a, b] = [rest[at], rest[other]]
        if (a !== undefined && b !== undefined) [rest[at], rest[other]] = [b, a]
      }
      return rest
    },
  }
}
