import { expect, test } from '@jest/globals'
import { endSessionsJob, runsWithActiveSessions, sweepSessions } from '#src/worker/sessions/session-jobs'
import { openContexts } from '#test/samples/contexts'

/** Opens contexts in which Alice's run r1 has left a warm pod. */
async function openWarm() {
  const all = openContexts({ more: 'shell: { keep: 5m, keepInPods: off }' })
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  await all.work()
  const [ref] = await all.sessions.all()
  if (ref === undefined || ref.session === 'forged') throw new Error('there is no session')
  return { ...all, ref: { key: ref.key, session: ref.session } }
}

const why = { by: 'Alice', why: 'requested' }

test('a marked session is ended in its cluster, and confirmed', async () => {
  const { worker, sessions, cluster, ref } = await openWarm()
  expect(cluster.live.size).toBe(1)
  await sessions.end(ref, why)
  await endSessionsJob(worker)
  expect([cluster.live.size, await sessions.ending()]).toEqual([0, []])
})

test('a session that another worker ends, or whose cluster isn’t here, is left to it', async () => {
  const { worker, sessions, store, cluster, ref } = await openWarm()
  await sessions.end(ref, why)
  await endSessionsJob({ ...worker, clusters: new Map() })
  await store.acquireLock('session-end:r1', 60)
  await endSessionsJob(worker)
  expect([cluster.live.size, (await sessions.ending()).length]).toEqual([1, 1])
})

test('a retired session ends once nothing runs in it any more', async () => {
  const { worker, sessions, store, say, cluster, saved, ref } = await openWarm()
  await say('alice', 'shell node001 dig x', { id: 'r2' })
  await store.changeRun('r2', (run) => ({ ...run, state: 'running', place: sessions.write('r2', ref) }))
  await sessions.retire(ref, why)
  await endSessionsJob(worker)
  expect([cluster.live.size, (await sessions.ending()).length]).toEqual([1, 1])
  const end = { reason: 'completed' as const, at: '2026-11-24T03:00:01.000Z', complete: true }
  await store.changeRun('r2', (run) => ({ ...run, state: 'ended', end }))
  expect((await saved('r2')).end).toEqual(end)
  await endSessionsJob(worker)
  expect([cluster.live.size, await sessions.ending()]).toEqual([0, []])
})

test('a cluster that can’t be reached is asked again, until the container has ended by itself', async () => {
  const { worker, sessions, store, cluster, clock, lines, ref } = await openWarm()
  await sessions.end(ref, why)
  cluster.end = async () => {
    throw new Error('no answer')
  }
  await endSessionsJob(worker)
  expect(lines('warn')).toEqual(['a session could not be ended yet'])
  expect(await sessions.ending()).toHaveLength(1)
  expect(await store.acquireLock('session-end:r1', 1)).toBeDefined()
  clock.pass(Date.parse(ref.session.until) - clock.now().getTime() + 1)
  await endSessionsJob(worker)
  expect(await sessions.ending()).toEqual([])
})

test('the session of a person who has left is ended, on record; one who can’t be looked up keeps it', async () => {
  const { worker, sessions, directory, details } = await openWarm()
  directory.isAway = true
  await sweepSessions(worker)
  expect(await sessions.all()).toHaveLength(1)
  directory.isAway = false
  await sweepSessions(worker)
  expect(await sessions.all()).toHaveLength(1)
  directory.people.delete('alice')
  await sweepSessions(worker)
  expect(await sessions.all()).toEqual([])
  expect(await sessions.ending()).toMatchObject([{ by: 'retina-chatops', why: 'Alice no longer has access' }])
  expect(details('session-ended')).toEqual({ why: 'Alice no longer has access', pod: 'retina-r1' })
})

test('a session that the policy or the configuration doesn’t allow any more is ended', async () => {
  const denied = await openWarm()
  denied.settings.rules = { ...denied.settings.rules, policy: { sets: [], grants: [] } }
  const off = await openWarm()
  off.settings.rules = { ...off.settings.rules, sessionIdleTimes: { nodes: 0, pods: 0 } }
  for (const { worker } of [denied, off]) await sweepSessions(worker)
  expect(await denied.sessions.ending()).toMatchObject([{ why: 'the policy changed' }])
  expect(await off.sessions.ending()).toMatchObject([{ why: 'the configuration changed' }])
})

test('a session whose run is unknown is ended; a forged record is never used', async () => {
  const { worker, store, sessions } = await openWarm()
  store.breakRun('r1')
  await sweepSessions(worker)
  expect(await sessions.ending()).toMatchObject([{ why: 'its owner is unknown' }])
  const forged = await openWarm()
  forged.sessions.forge(forged.ref.key)
  await sweepSessions(forged.worker)
  expect(await forged.sessions.ending()).toEqual([])
})

test('containers that are ready, or in which something runs, belong to active runs', async () => {
  const { worker, sessions, store, say, ref } = await openWarm()
  expect([...(await runsWithActiveSessions(worker))]).toEqual(['r1'])
  await say('alice', 'shell node002 dig x', { id: 'r2' })
  const session = { ...ref.session, run: 'r0' }
  await store.changeRun('r2', (run) => ({
    ...run,
    state: 'running',
    place: sessions.write('r2', { key: 'k', session }),
  }))
  expect([...(await runsWithActiveSessions(worker))].toSorted()).toEqual(['r0', 'r1'])
  await store.changeRun('r2', (run) => ({ ...run, place: 'forged' }))
  await sessions.forget(ref)
  expect([...(await runsWithActiveSessions(worker))]).toEqual([])
})
