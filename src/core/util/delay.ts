import { onAbort } from './on-abort.ts'

/** Resolves after `delayMs` (a negative one counts as 0), or as soon as `signal` aborts. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let forget: () => void = () => undefined
    const timer = setTimeout(
      () => {
        forget()
        resolve()
      },
      Math.max(0, delayMs),
    )
    if (signal === undefined) return
    forget = onAbort(signal, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
