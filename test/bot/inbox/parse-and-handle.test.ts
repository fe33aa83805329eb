import { expect, test } from '@jest/globals'
import { openContexts, sampleChannel } from '#test/samples/contexts'

test('a command that names its target is carried out, in a thread of another target too', async () => {
  const { say, saved } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  const { message } = await saved('r1')
  await say('alice', 'shell node002 ping 10.0.0.1', { id: 'r2', thread: { ...sampleChannel, thread: message.message } })
  expect((await saved('r2')).request.target).toMatchObject({ name: 'node002' })
})

test('a tool alone runs on the target of its thread; elsewhere it is misunderstood, and nothing runs', async () => {
  const { say, saved, queue } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  const { message } = await saved('r1')
  await say('alice', 'ping 10.0.0.1', { id: 'r2', thread: { ...sampleChannel, thread: message.message } })
  const { request } = await saved('r2')
  expect(request).toMatchObject({ target: { name: 'node001' }, pipeline: [{ given: ['ping', '10.0.0.1'] }] })
  expect(await say('alice', 'ping 10.0.0.1', { id: 'r3' })).toMatchObject([{ kind: 'misunderstood' }])
  expect((await queue.counts()).waiting).toBe(2)
})

test('a rerun is parsed as it was typed, as a command of the person who asks', async () => {
  const { say, saved, work } = openContexts()
  await say('alice', 'shell --reason "a \'b\' c" node001 dig x', { id: 'r1' })
  await work()
  await say('alice', 'rerun r1', { id: 'r2' })
  expect((await saved('r2')).request).toMatchObject({ reason: "a 'b' c", by: { id: 'alice@example.com' } })
})
