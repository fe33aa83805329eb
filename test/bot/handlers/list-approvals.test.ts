import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

async function openRequested() {
  const all = openContexts()
  await all.say('alice', 'shell --reason "disk full" node001 drill example.com', { id: 'r1' })
  return all
}

const rowsOf = (replies: readonly object[]) => (replies[0] as { rows: readonly (readonly string[])[] }).rows

test('people see what they can decide, and what of their own waits for others', async () => {
  const { say } = await openRequested()
  const [row = []] = rowsOf(await say('bob', 'approvals'))
  expect([...row]).toEqual([
    ...['r1', 'you', '"Alice" (alice@example.com)', 'node/node001', 'drill example.com', '"disk full"'],
  ])
  const [own = []] = rowsOf(await say('alice', 'approvals'))
  expect(own.slice(0, 2)).toEqual(['r1', 'others'])
})

test('others see nothing of it', async () => {
  const { say } = await openRequested()
  expect(await say('dave', 'approvals')).toMatchObject([{ rows: [], note: 'Nothing is waiting for approval.' }])
})

test('what is decided, expired, withdrawn or changed in the store isn’t listed', async () => {
  const decided = await openRequested()
  await decided.say('bob', 'approve r1')
  const expired = await openRequested()
  expired.clock.pass(15 * 60_000)
  const withdrawn = await openRequested()
  await withdrawn.say('alice', 'cancel r1')
  const changed = await openRequested()
  changed.store.breakRun('r1')
  for (const { say } of [decided, expired, withdrawn, changed])
    expect(rowsOf(await say('bob', 'approvals'))).toEqual([])
})

test('a long command and a long reason are shortened', async () => {
  const { say } = openContexts()
  await say('alice', `shell --reason "${'r'.repeat(500)}" node001 drill ${'a'.repeat(500)}`, { id: 'r1' })
  const [[, , , , command = '', reason = ''] = []] = rowsOf(await say('bob', 'approvals'))
  expect(command.length).toBeLessThan(300)
  expect(reason.length).toBeLessThan(300)
})
