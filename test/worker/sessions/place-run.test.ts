import { expect, test } from '@jest/globals'
import { type ContextOptions, openContexts } from '#test/samples/contexts'

const warm = (options: ContextOptions = {}) =>
  openContexts({ more: 'shell: { keep: 5m, keepInPods: 10m }', ...options })

/** Opens contexts in which Alice's run r1 has left a warm pod on node001. */
async function openWarm() {
  const all = warm()
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  await all.work()
  return all
}

/** Lets a person run a command to its end. */
const runs = async ({ say, work }: ReturnType<typeof warm>, user: string, text: string, id: string) => {
  await say(user, text, { id })
  return work()
}

test('the first run leaves its pod, and says for how long', async () => {
  const all = warm()
  const run = await runs(all, 'alice', 'shell node001 dig x', 'r1')
  expect(run).toMatchObject({ kept: 300, place: expect.stringContaining('retina-r1') })
  expect(all.details('started')).toMatchObject({ kept: 'new session' })
  expect(await all.sessions.all()).toMatchObject([{ session: { run: 'r1', pod: 'retina-r1', kind: 'node' } }])
  expect(all.cluster.live.size).toBe(1)
  expect(all.cluster.prewarmed).toEqual(['r1'])
})

test('a further run of the same person goes into that pod, which stays ready', async () => {
  const all = await openWarm()
  const run = await runs(all, 'alice', 'shell node001 ping 10.0.0.1', 'r2')
  expect(run).toMatchObject({ kept: 300, end: { reason: 'completed' } })
  expect(all.cluster.entered).toMatchObject([{ id: 'r2', host: 'r1' }])
  expect(all.details('started')).toMatchObject({ kept: 'reused session', pod: 'retina-r1', container: 'shell' })
  expect(all.cluster.launched).toHaveLength(1)
})

test.each([
  ['another person', 'bob', 'shell node001 dig x'],
  ['another node', 'alice', 'shell node002 dig x'],
  ['a longer deadline than the container lives', 'alice', 'shell node001 dig x'],
])('%s gets a pod of its own', async (what, user, text) => {
  const all = await openWarm()
  if (what.startsWith('a longer'))
    for (const { key, session } of await all.sessions.all())
      if (session !== 'forged') {
        const until = new Date(all.clock.now().getTime() + 80_000).toISOString()
        await all.sessions.save({ key, session: { ...session, until } }, 300)
      }
  await runs(all, user, text, 'r2')
  expect(all.cluster.entered).toEqual([])
  expect(all.cluster.launched.map(({ id }) => id)).toEqual(['r1', 'r2'])
})

test('a run that was approved once, or where reuse is off, leaves nothing', async () => {
  const approved = warm()
  await approved.say('alice', 'shell node001 drill x', { id: 'r1' })
  await approved.say('bob', 'approve r1')
  expect(await approved.work()).not.toHaveProperty('kept')
  const off = openContexts()
  expect(await runs(off, 'alice', 'shell node001 dig x', 'r1')).not.toHaveProperty('kept')
  for (const { cluster, sessions, details } of [approved, off]) {
    expect([cluster.live.size, await sessions.all()]).toEqual([0, []])
    expect(details('started')).not.toHaveProperty('kept')
  }
})

test('a cluster that lets nobody into such a pod keeps none', async () => {
  const all = warm()
  all.cluster.canKeepSession = async () => false
  expect(await runs(all, 'alice', 'shell node001 dig x', 'r1')).not.toHaveProperty('kept')
  expect(all.cluster.live.size).toBe(0)
})

test('a tool whose end nobody can vouch for leaves no pod, and no record of one', async () => {
  const all = warm({ tools: { dig: () => [{ end: { reason: 'lost', complete: false } }] } })
  expect(await runs(all, 'alice', 'shell node001 dig x', 'r1')).not.toHaveProperty('kept')
  expect([all.cluster.live.size, await all.sessions.all()]).toEqual([0, []])
})

test('a forged record of a session is not used, and reported', async () => {
  const all = await openWarm()
  for (const { key } of await all.sessions.all()) all.sessions.forge(key)
  await runs(all, 'alice', 'shell node001 dig x', 'r2')
  expect(all.cluster.entered).toEqual([])
  expect(all.details('alarm')).toEqual({ why: 'the record of a session was changed' })
})

test('where the pod is gone, the run begins in one of its own, and the session’s end is on record', async () => {
  const all = await openWarm()
  await all.cluster.end({ run: 'r1' } as never)
  const run = await runs(all, 'alice', 'shell node001 dig x', 'r2')
  expect(run).toMatchObject({ kept: 300, end: { reason: 'completed' } })
  expect(all.details('session-ended')).toEqual({ why: 'its container is gone' })
  expect(await all.sessions.all()).toMatchObject([{ session: { run: 'r2' } }])
  expect(all.sessions.read(run)).toMatchObject({ session: { run: 'r2' } })
})

test('of two runs that start together one creates the pod that is reused; on a node the other one is cold', async () => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  const all = warm({ tools: { dig: () => [{ until: finished }] } })
  for (const id of ['r1', 'r2']) await all.say('alice', 'shell node001 dig x', { id })
  const both = [all.work(), all.work()]
  finish()
  const ended = await Promise.all(both)
  expect(ended.filter((run) => 'kept' in run)).toHaveLength(1)
  expect(await all.sessions.all()).toHaveLength(1)
  expect(all.cluster.live.size).toBe(1)
})

test('in a pod of a user, a further run goes into the container that the first one left', async () => {
  const all = warm()
  await runs(all, 'alice', 'shell -n shop pod/web-1 dig x', 'r1')
  const run = await runs(all, 'alice', 'shell -n shop pod/web-1 dig x', 'r2')
  expect(run).toMatchObject({ kept: 600 })
  expect(all.cluster.entered).toMatchObject([{ id: 'r2', host: 'r1' }])
})
