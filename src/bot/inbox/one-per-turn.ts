/**
 * Resolves for one caller in each turn of the event loop, in the order in which they called. Many commands that came at once are so begun no
 * faster than they are ended, and whatever comes in between waits for one beginning at most: a flood is acknowledged in time.
 */
export function onePerEventLoopTurn(): () => Promise<void> {
  const waiting: (() => void)[] = []
  const next = () => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(next)
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(next)
    })
}
