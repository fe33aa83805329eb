const timedOut = Symbol('late')

/** Timeout that several waits share: each is a `withTimeout` with the time that the previous ones left. */
export type SharedTimeout = <T>(promise: Promise<T>) => Promise<T | undefined>

/** Creates a timeout of `timeoutMs` in total. */
export function sharedTimeout(timeoutMs: number): SharedTimeout {
  let remainingMs = timeoutMs
  return async (promise) => {
    const startedAtMs = performance.now()
    const value = await withTimeout(remainingMs, promise)
    remainingMs -= performance.now() - startedAtMs
    return value
  }
}

/**
 * Resolves as the promise does, or with undefined after `timeoutMs`; the promise's work continues regardless. A process that got no processor
 * time for that long first reads what has arrived meanwhile.
 */
export async function withTimeout<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<typeof timedOut>((resolve) => {
    // In each turn, Node calls due timers before it reads sockets, and immediates after that.
    timer = setTimeout(() => setImmediate(resolve, timedOut), Math.max(0, timeoutMs))
  })
  const first = await Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
  return first === timedOut ? undefined : first
}
