import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'

const elsewhere = { ...sampleChannel, channel: 'other' }

async function openEnded(lines = 300) {
  const out = Array.from({ length: lines }, (_each, at) => `line ${at}\n`).join('')
  const all = openContexts({ tools: { dig: () => [{ out }] }, limits: { outputChars: 500 } })
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  await all.work()
  return all
}

test('an output is shown page by page, to its person anywhere and to people of its channel', async () => {
  const { say } = await openEnded()
  const [first] = await say('alice', 'output r1', { thread: elsewhere })
  expect(first).toMatchObject({ kind: 'output', run: 'r1', what: 'dig x on node/node001' })
  expect(first).toMatchObject({ text: expect.stringContaining('line 0\n') })
  expect(first).not.toHaveProperty('changed')
  const [second] = await say('bob', 'output r1 2')
  expect(second).toMatchObject({ text: expect.not.stringContaining('line 0\n') })
  expect(await say('alice', 'output r1 --grep "line 7"')).toMatchObject([
    { words: 'line 7', text: expect.stringMatching(/line 7\n(?:line 7\d\n?){10}$/) },
  ])
})

test('people elsewhere don’t see it, nor that there is one', async () => {
  const { say } = await openEnded()
  expect(await say('bob', 'output r1', { thread: elsewhere })).toMatchObject([
    { kind: 'refused', message: 'You have no run r1. `runs` lists yours.' },
  ])
  expect(await say('bob', 'output r2')).toMatchObject([{ message: 'You have no run r2. `runs` lists yours.' }])
})

test('the output of a run that goes on is in its message', async () => {
  const { say } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  expect(await say('alice', 'output r1')).toMatchObject([
    { kind: 'refused', message: 'Run r1 has not ended yet; its message shows the output so far.' },
  ])
})

test('an output that was changed in the store is shown as such, and reported', async () => {
  const { say, store, details, lines } = await openEnded(1)
  store.changeOutput('r1', 'all is fine\n')
  expect(await say('alice', 'output r1')).toMatchObject([{ kind: 'output', text: 'all is fine', changed: true }])
  expect(details('alarm')).toEqual({ why: 'the stored output was changed' })
  expect(lines('error')).toEqual([expect.stringContaining('ALARM')])
})

test('a run that was changed in the store shows nothing', async () => {
  const { say, store } = await openEnded(1)
  store.breakRun('r1')
  expect(await say('alice', 'output r1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
})
