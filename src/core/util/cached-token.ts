/** A token, or one that is on its way; `until` in milliseconds. */
export type CachedToken = { text: Promise<string>; until: number }

/**
 * A token that is asked for anew once the last one has ended; who wants it at the same time shares one. A failure isn't kept.
 * `drop`: one that was taken back before its time.
 */
export function cachedToken(
  requestToken: () => Promise<{ text: string; until: number }>,
  now: () => number,
): { current: () => CachedToken; drop: (token: CachedToken) => void } {
  let cached: CachedToken | undefined
  const drop = (token: CachedToken) => {
    if (cached === token) cached = undefined
  }
  return {
    current() {
      if (cached !== undefined && cached.until > now()) return cached
      const requested = requestToken()
      const token: CachedToken = { text: requested.then(({ text }) => text), until: Number.POSITIVE_INFINITY }
      cached = token
      requested.then(
        ({ until }) => Object.assign(token, { until }),
        () => drop(token),
      )
      return token
    },
    drop,
  }
}
