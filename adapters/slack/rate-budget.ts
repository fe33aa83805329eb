import { poll, processClock, type RetryClock } from '#core/util/retry'

/**
 * Edits per minute that Slack allows an app in one workspace: `chat.update` is in tier 3. Source: docs.slack.dev, "Rate
 * limits".
 */
const editsPerMinute = 50
/** Edits of that budget reserved for results. */
const reservedEdits = 20

/** Budget of edits of a workspace (token bucket): progress may use it down to a reserve, results entirely. */
export type RateBudget = {
  /** Returns the ms until progress may be shown; 0: it may be shown now, and one edit is deducted. */
  progress: () => number
  /** Resolves when a result may be shown, in the order of the calls, so that none waits for later ones; one edit is deducted. */
  ending: () => Promise<void>
}

export function createRateBudget(clock: RetryClock = processClock): RateBudget {
  let available = editsPerMinute
  let updatedAt = clock.now()
  let lastEnding: Promise<void> = Promise.resolve()
  const editsPerMs = editsPerMinute / 60_000
  const deduct = (reserve: number) => {
    const time = clock.now()
    available = Math.min(editsPerMinute, available + (time - updatedAt) * editsPerMs)
    updatedAt = time
    if (available < reserve + 1) return Math.ceil((reserve + 1 - available) / editsPerMs)
    available -= 1
    return 0
  }
  const waitForEdit = async () => {
    await poll(
      async () => deduct(0),
      (delayMs) => (delayMs > 0 ? delayMs : undefined),
      clock,
    )
  }
  return {
    progress: () => deduct(reservedEdits),
    ending() {
      lastEnding = lastEnding.then(waitForEdit)
      return lastEnding
    },
  }
}
