const late = Symbol('late')

/** What a promise resolves with; undefined where that takes longer. What it does goes on all the same. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patient = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), Math.max(0, milliseconds))
  })
  const first = await Promise.race([promise, patient]).finally(() => clearTimeout(timer))
  return first === late ? undefined : first
}
