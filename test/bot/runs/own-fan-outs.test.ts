import { expect, test } from '@jest/globals'
import { ownFanOut, ownFanOuts } from '#src/bot/runs/own-fan-outs'
import { openContexts } from '#test/samples/contexts'

async function open(count: number) {
  const all = openContexts()
  for (let at = 0; at < count; at += 1) {
    all.clock.pass(1_000)
    await all.say('alice', 'shell -l pool=web dig x', { id: `f${at}` })
  }
  const person = (user: string) => all.directory.people.get(user) ?? { id: '', name: '', groups: [] }
  return { ...all, alice: person('alice'), bob: person('bob') }
}

test('a fan-out is its own person’s only', async () => {
  const { bot, store, alice, bob } = await open(1)
  expect(await ownFanOut(bot, alice, 'f0')).toMatchObject({ id: 'f0', where: 'nodes with pool=web' })
  expect(await ownFanOut(bot, bob, 'f0')).toBeUndefined()
  expect(await ownFanOut(bot, alice, 'f9')).toBeUndefined()
  store.breakValue('fan-out', 'f0')
  expect(await ownFanOut(bot, alice, 'f0')).toBe('broken')
})

test('a person’s newest twenty are listed; older ones are forgotten', async () => {
  const { bot, store, alice, bob } = await open(22)
  const listed = await ownFanOuts(bot, alice)
  expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_each, at) => `f${21 - at}`))
  expect((await store.fields('fan-outs-of', 'alice@example.com')).size).toBe(20)
  expect(await ownFanOuts(bot, bob)).toEqual([])
})

test('what was changed in the store isn’t listed', async () => {
  const { bot, store, alice } = await open(3)
  store.breakValue('fan-out', 'f0')
  store.breakField('fan-outs-of', 'alice@example.com', 'f1')
  expect((await ownFanOuts(bot, alice)).map(({ id }) => id)).toEqual(['f2'])
})
