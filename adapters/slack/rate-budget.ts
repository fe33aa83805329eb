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
  /** Returns the ms until a result may be shown; 0: it may be shown now, and one edit is deducted. */
  ending: () => number
}

export function createRateBudget(now: () => number = () => performance.now()): RateBudget {
  let available = editsPerMinute
  let updatedAt = now()
  const editsPerMs = editsPerMinute / 60_000
  const deduct = (reserve: number) => {
    const time = now()
    available = Math.min(editsPerMinute, available + (time - updatedAt) * editsPerMs)
    updatedAt = time
    if (available < reserve + 1) return Math.ceil((reserve + 1 - available) / editsPerMs)
    available -= 1
    return 0
  }
  return { progress: () => deduct(reservedEdits), ending: () => deduct(0) }
}
