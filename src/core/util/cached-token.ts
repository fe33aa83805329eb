/** Token that is cached or being requested; `until`: its expiry, in the ms of `now`. */
export type CachedToken = { text: Promise<string>; until: number }

/**
 * Creates a cache of one token, which is requested again after its expiry. Concurrent callers share one request;
 * failures aren't cached. `now` in ms. `drop` removes a token that was revoked before its expiry.
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
