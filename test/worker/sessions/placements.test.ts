import { expect, test } from '@jest/globals'
import type { Session } from '#core/sessions/session'
import { coldPlacement, createPlacement, type PlacementParams, reusePlacement } from '#src/worker/sessions/placements'
import { openContexts } from '#test/samples/contexts'

const lifetime = { idle: 300, life: 1_860 }
const where = { namespace: 'retina-chatops', pod: 'retina-r1', uid: 'uid-r1', container: 'shell' }
const completed = { reason: 'completed' as const, at: '2026-11-24T03:00:01.000Z', exitCode: 0, complete: true }
const lost = { ...completed, reason: 'lost' as const, complete: false }

/** Opens contexts in which Alice's run r1 is about to be placed; `isAdopted`: another worker has started it. */
async function open(isAdopted = false) {
  const all = openContexts()
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  const run = await all.saved('r1')
  const params: PlacementParams = {
    ...{ context: all.worker, run, cluster: all.cluster, isAdopted, takenAt: all.clock.now().getTime() },
    debugRun: { id: run.id, spec: run.spec, by: run.request.by },
  }
  const signals = { cancel: new AbortController().signal, followed: AbortSignal.abort() }
  const session: Session = { ...where, cluster: 'dev', kind: 'node', run: 'r0', until: '2026-11-24T03:31:00.000Z' }
  return { ...all, params, signals, session, ref: { key: 'k', session } }
}

test('cold: the run starts in a container of its own, and leaves nothing', async () => {
  const { params, signals, cluster, sessions } = await open()
  const placement = coldPlacement(params)
  expect(placement.details).toEqual({})
  expect(await placement.start(signals)).toHaveProperty('process')
  expect(cluster.launched).toMatchObject([{ id: 'r1' }])
  expect(cluster.launched[0]).not.toHaveProperty('stay')
  expect(await placement.onRunning(where, signals)).toBeUndefined()
  expect(await placement.onEnded(completed, where)).toBeUndefined()
  expect(await sessions.all()).toEqual([])
})

test('create: the container becomes the session of the key, and the lock of its creation is released', async () => {
  const { params, signals, sessions, store, cluster } = await open()
  await store.acquireLock('session:k', 60)
  const placement = createPlacement(params, 'k', lifetime)
  await placement.start(signals)
  expect(cluster.launched).toMatchObject([{ id: 'r1', stay: lifetime }])
  const place = await placement.onRunning(where, signals)
  expect(sessions.read({ id: 'r1', place })).toMatchObject({ key: 'k', session: { run: 'r1', pod: 'retina-r1' } })
  expect(await sessions.find('k', 300)).toMatchObject({ run: 'r1', until: '2026-11-24T03:31:00.000Z' })
  expect(await store.acquireLock('session:k', 60)).toBe(true)
  expect(await placement.onEnded(completed, where)).toBe(300)
  expect(cluster.prewarmed).toEqual(['r1'])
})

test('create: an end that nobody can vouch for leaves no session, and a run that never started no lock', async () => {
  const { params, signals, sessions, store } = await open()
  const placement = createPlacement(params, 'k', lifetime)
  await placement.onRunning(where, signals)
  expect(await placement.onEnded(lost, where)).toBeUndefined()
  expect(await sessions.all()).toEqual([])
  await store.acquireLock('session:k', 60)
  await placement.onEnded(lost, undefined)
  expect(await store.acquireLock('session:k', 60)).toBe(true)
})

test('create: the session of a user’s pod that is replaced is ended once nothing runs in it', async () => {
  const { params, signals, sessions, session } = await open()
  await sessions.save({ key: 'k', session: { ...session, kind: 'pod' } }, 300)
  await createPlacement(params, 'k', lifetime).onRunning(where, signals)
  expect(await sessions.ending()).toMatchObject([{ id: 'r0', patient: true, why: 'its lifetime ended' }])
})

test('reuse: the run goes into the container that is there, which is renewed by its end', async () => {
  const { params, signals, sessions, cluster, ref } = await open()
  await sessions.save(ref, 300)
  cluster.live.set('r0', params.run.spec)
  const placement = reusePlacement(params, ref, lifetime)
  expect(placement.details).toEqual({ kept: 'reused session', pod: 'retina-r1', container: 'shell' })
  expect(sessions.read({ id: 'r1', ...(placement.place === undefined ? {} : { place: placement.place }) })).toEqual(ref)
  expect(await placement.start(signals)).toHaveProperty('process')
  expect(cluster.entered).toMatchObject([{ id: 'r1', host: 'r0' }])
  expect(await placement.onEnded(completed, undefined)).toBe(300)
  expect(await placement.onEnded(lost, undefined)).toBeUndefined()
  await sessions.forget(ref)
  expect(await placement.onEnded(completed, undefined)).toBeUndefined()
})

test('reuse: where the container is gone, that is on record, and the run creates one unless another does', async () => {
  const { params, signals, sessions, store, ref, details } = await open()
  await sessions.save(ref, 300)
  expect(await reusePlacement(params, ref, lifetime).start(signals)).toMatchObject({ instead: { how: 'create' } })
  expect(details('session-ended')).toEqual({ why: 'its container is gone' })
  expect(await sessions.all()).toEqual([])
  expect(await store.acquireLock('session:k', 60)).toBe(false)
  expect(await reusePlacement(params, ref, lifetime).start(signals)).toMatchObject({ instead: { how: 'cold' } })
})

test('T21 a run that another worker started is followed: nothing is launched, saved or locked anew', async () => {
  const { params, signals, sessions, store, cluster, ref } = await open(true)
  const own = { ...ref.session, run: 'r1' }
  const created = createPlacement(params, 'k', lifetime, own)
  await created.start(signals)
  expect(sessions.read({ id: 'r1', place: (await created.onRunning(where, signals)) ?? '' })).toEqual({
    key: 'k',
    session: own,
  })
  expect(await sessions.all()).toEqual([])
  expect(await reusePlacement(params, ref, lifetime).start(signals)).toMatchObject({ instead: { how: 'cold' } })
  expect([cluster.launched, cluster.entered]).toEqual([[], []])
  expect(await store.acquireLock('session:k', 60)).toBe(true)
})
