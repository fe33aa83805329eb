/**
 * Returns a function whose promises resolve in call order, one in each turn of the event loop. Many commands that
 * arrive at once start no faster than they finish, and other work waits for one start at most: all of them are
 * acknowledged in time.
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
