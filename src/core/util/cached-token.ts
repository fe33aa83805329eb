/** A token, or one that is on its way; `until` in milliseconds. */
export type CachedToken = { text: Promise<string>; until: number }

/**
 * A token that is asked for anew once the last one has ended; who wants it at the same time shares one. A failure isn't kept.
 * `drop`: one that was taken back before its time.
 */
export function cachedToken(
  ask: () => Promise<{ text: string; until: number }>,
  now: () => number,
): { current: () => CachedToken; drop: (token: CachedToken) => void } {
  let known: CachedToken | undefined
  const drop = (token: CachedToken) => {
    if (known === token) known = undefined
  }
  return {
    current() {
      if (known !== undefined && known.until > now()) return known
      const asked = ask()
      const token: CachedToken = { text: asked.then(({ text }) => text), until: Number.POSITIVE_INFINITY }
      known = token
      asked.then(
        ({ until }) => Object.assign(token, { until }),
        () => drop(token),
      )
      return token
    },
    drop,
  }
}
