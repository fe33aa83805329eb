import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'

test('what isn’t understood gets its correction, and is counted', async () => {
  const { say, counted, audit } = openContexts()
  expect(await say('alice', 'rnus')).toMatchObject([{ kind: 'misunderstood', typed: 'rnus', suggestion: 'runs' }])
  expect(counted).toEqual(['misunderstood'])
  expect(audit.records).toEqual([])
})

test('an answer in a channel is for its person alone; in a thread everybody follows it', async () => {
  const { say, chat } = openContexts()
  await say('alice', 'runs')
  await say('alice', 'runs', { thread: { ...sampleChannel, thread: 'm0' } })
  await say('alice', 'runs', { thread: { ...sampleChannel, thread: 'm0' }, opensThread: true })
  expect(chat.shown.map(({ to }) => to)).toEqual(['alice', undefined, 'alice'])
})

test('in the thread of a run, a tool without a target runs on the same one, and the text that is stored names it', async () => {
  const { say, saved } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  const { message } = await saved('r1')
  const thread = { ...sampleChannel, thread: message.message }
  expect(await say('alice', 'ping 10.0.0.1', { id: 'r2', thread })).toMatchObject([{ kind: 'queued' }])
  expect((await saved('r2')).request).toMatchObject({
    target: { kind: 'node', name: 'node001' },
    typed: { text: 'shell --context dev node/node001 ping 10.0.0.1' },
  })
  expect(
    await say('alice', 'ping 10.0.0.1', { id: 'r3', thread: { ...sampleChannel, thread: 'another' } }),
  ).toMatchObject([{ kind: 'misunderstood' }])
})

test('help shows the tools that a person may use, and one of them by its name', async () => {
  const { say } = openContexts()
  expect(await say('alice', 'help')).toMatchObject([{ kind: 'help' }])
  expect(await say('alice', 'help dig')).toMatchObject([{ kind: 'help', title: expect.stringContaining('dig') }])
})

test('while all runs are paused, nothing starts, and what only reads still works', async () => {
  const { say, store, queue } = openContexts()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  expect(await say('alice', 'shell node001 dig x')).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'shell -l pool dig x')).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'can-i shell node001 dig x')).toMatchObject([{ kind: 'listing' }])
  expect(await say('alice', 'nodes')).toMatchObject([{ kind: 'listing' }])
  expect((await queue.counts()).waiting).toBe(0)
})
