import { expect, test } from '@jest/globals'
import { onePerEventLoopTurn } from '#src/bot/inbox/one-per-event-loop-turn'

test('one waiter continues in each turn of the event loop, in the order of their arrival', async () => {
  const turn = onePerEventLoopTurn()
  const begun: number[] = []
  const all = Promise.all(Array.from({ length: 20 }, (_, at) => turn().then(() => begun.push(at))))
  const seen: number[] = []
  for (let at = 0; at < 20; at++) {
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(begun.length)
  }
  await all
  expect(begun).toEqual(Array.from({ length: 20 }, (_, at) => at))
  // The counter of turns may run before or after the waiter that continues in the same turn.
  expect(seen.every((count, at) => count === at || count === at + 1)).toBe(true)
})

test('a later waiter, alone or among others, continues too', async () => {
  const turn = onePerEventLoopTurn()
  await turn()
  const begun: string[] = []
  const first = turn().then(async () => {
    begun.push('first')
    await turn()
    begun.push('first once more')
  })
  await Promise.all([first, turn().then(() => begun.push('second'))])
  expect(begun).toEqual(['first', 'second', 'first once more'])
})
