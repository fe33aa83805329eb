/** Edits a minute that Slack lets an app make in one workspace: `chat.update` is tier 3. Source: docs.slack.dev, "Rate limits". */
const perMinute = 50
/** Edits a minute reserved for results. */
const reserved = 20

/** The workspace's budget of edits: progress is shown while there is plenty, endings always get their turn. */
export type RateBudget = {
  /** Milliseconds until progress may be shown; 0 takes a place now. */
  progress: () => number
  /** Milliseconds until an ending may be shown; 0 takes a place now. */
  ending: () => number
}

export function createRateBudget(now: () => number = () => performance.now()): RateBudget {
  let left = perMinute
  let at = now()
  const perMillisecond = perMinute / 60_000
  const take = (floor: number) => {
    const time = now()
    left = Math.min(perMinute, left + (time - at) * perMillisecond)
    at = time
    if (left < floor + 1) return Math.ceil((floor + 1 - left) / perMillisecond)
    left -= 1
    return 0
  }
  return { progress: () => take(reserved), ending: () => take(0) }
}
