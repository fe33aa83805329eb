/** Resolves after `delayMs` (a negative one counts as 0), or as soon as `signal` aborts. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.max(0, delayMs))
    signal?.addEventListener('abort', finish)
  })
}
