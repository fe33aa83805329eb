const timedOut = Symbol('late')

/** A time limit that several waits share: what each of them resolves with, as `within` has it, in the time that those before it left. */
export type SharedTimeout = <T>(promise: Promise<T>) => Promise<T | undefined>

export function sharedTimeout(timeoutMs: number): SharedTimeout {
  let remainingMs = timeoutMs
  return async (promise) => {
    const startedAtMs = performance.now()
    const value = await withTimeout(remainingMs, promise)
    remainingMs -= performance.now() - startedAtMs
    return value
  }
}

/** What a promise resolves with; undefined where that takes longer. What it does goes on all the same. */
export async function withTimeout<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), Math.max(0, timeoutMs))
  })
  const first = await Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
  return first === timedOut ? undefined : first
}
