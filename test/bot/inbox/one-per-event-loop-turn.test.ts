import { expect, test } from '@jest/globals'
import { onePerEventLoopTurn } from '#src/bot/inbox/one-per-event-loop-turn'

test('of many that wait one goes on in each turn of the event loop, in the order in which they came', async () => {
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
  // What else happens in a turn stands before or behind the one that goes on.
  expect(seen.every((count, at) => count === at || count === at + 1)).toBe(true)
})

test('one that comes later, alone or among others, has its turn too', async () => {
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
