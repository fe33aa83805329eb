const late = Symbol('late')

/** A time limit that several waits share: what each of them resolves with, as `within` has it, in the time that those before it left. */
export type SharedTimeout = <T>(promise: Promise<T>) => Promise<T | undefined>

export function sharedTimeout(milliseconds: number): SharedTimeout {
  let left = milliseconds
  return async (promise) => {
    const begun = performance.now()
    const value = await withTimeout(left, promise)
    left -= performance.now() - begun
    return value
  }
}

/** What a promise resolves with; undefined where that takes longer. What it does goes on all the same. */
export async function withTimeout<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patient = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.max(0, milliseconds))
  })
  const first = await Promise.race([promise, patient]).finally(() => clearTimeout(timer))
  return first === late ? undefined : first
}
