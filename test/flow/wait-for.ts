/** Descriptions of what is waited for; the test environment prints them when a test times out. */
const waits = Symbol.for('retina.waits')

/** Waits until the condition holds; a timeout's error includes what `instead` returns, if given. */
export async function waitUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 20,
  instead?: () => string,
): Promise<void> {
  await waitFor(what, async () => ((await holds()) ? true : undefined), seconds, instead)
}

/** Waits until `find` returns a value, and resolves with it; otherwise as `waitUntil`. */
export async function waitFor<T>(
  what: string,
  find: () => T | undefined | Promise<T | undefined>,
  seconds = 20,
  instead?: () => string,
): Promise<T> {
  const shared = globalThis as { [waits]?: Set<string> }
  shared[waits] ??= new Set()
  const pending = shared[waits]
  pending.add(what)
  try {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
      const it = await find()
      if (it !== undefined) return it
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    pending.delete(what)
  }
  throw new Error(`not so after ${seconds} s: ${what}${instead === undefined ? '' : `, but:\n${instead()}`}`)
}

/** Returns whether a promise has settled, after what is due in this turn of the event loop has been done. */
export function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const isPending = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))
  const settled = () => true
  return Promise.race([promise.then(settled, settled), isPending])
}
