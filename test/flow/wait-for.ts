/** Property of the global object with what tests wait for; the test environment prints it when a test times out. */
export const waits: unique symbol = Symbol.for('retina.waits')

/** Time limit of a wait: it ends what never comes, also on a machine that is ten times slower than usual. */
export const defaultSeconds = 90

export interface Waits {
  pending: Set<string>
  /** The wait that ended last. */
  last?: string
}

interface WaitOptions {
  /** Time limit; `defaultSeconds` where it isn't given. */
  seconds?: number | undefined
  /** Returns what is there in place of what is waited for, for the error. */
  instead?: () => string
}

/** Waits until the condition holds. */
export async function waitUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  options: WaitOptions = {},
): Promise<void> {
  await waitFor(what, async () => ((await holds()) ? true : undefined), options)
}

/** Waits until `find` returns a value, and resolves with it. */
export async function waitFor<T>(
  what: string,
  find: () => T | undefined | Promise<T | undefined>,
  { seconds = defaultSeconds, instead }: WaitOptions = {},
): Promise<T> {
  const shared = globalThis as { [waits]?: Waits }
  shared[waits] ??= { pending: new Set() }
  const all = shared[waits]
  all.pending.add(what)
  try {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
      const it = await find()
      if (it !== undefined) return it
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    all.pending.delete(what)
    all.last = what
  }
  throw new Error(`not so after ${seconds} s: ${what}${instead === undefined ? '' : `, but:\n${instead()}`}`)
}

/** Returns whether a promise has settled, after what is due in this turn of the event loop has been done. */
export function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const isPending = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))
  const settled = () => true
  return Promise.race([promise.then(settled, settled), isPending])
}
