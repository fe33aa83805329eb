import { expect, jest, test } from '@jest/globals'
import type { End, Run } from '#core/runs/run'
import { type Session, sessionKeyParts } from '#core/sessions/session'
import { placeAdoptedRun, placeRun } from '#src/worker/sessions/place-run'
import type { RunPlacement } from '#src/worker/sessions/placement-strategies'
import { openContexts } from '#test/samples/contexts'
import { sampleRun } from '#test/samples/run'

const where = { namespace: 'ns', pod: 'pod-1', uid: 'u1', container: 'shell' }
const done: End = { reason: 'completed', at: '2026-11-23T03:00:00.000Z', complete: true, exitCode: 0 }
const lost: End = { ...done, reason: 'lost', complete: false }

/** Opens a worker whose sessions stay 60 s, and returns how it places runs; `signals` are never aborted. */
function openPlacing() {
  const contexts = openContexts({ more: 'shell: { keep: 60, keepInPods: 60 }' })
  const { worker, cluster } = contexts
  const followed = new AbortController()
  const signals = { cancel: new AbortController().signal, followed: followed.signal }
  const key = worker.hash(sessionKeyParts(sampleRun()))
  const place = (run: Run = sampleRun()) => placeRun(worker, run, cluster)
  const adopt = (run: Run) => placeAdoptedRun(worker, run, cluster, undefined)
  /** Lets a run create a session; returns the reference that is saved with the run. */
  const create = async () => {
    const placement = await place()
    await placement.start(signals)
    return placement.onRunning(where, signals)
  }
  return { ...contexts, place, adopt, create, signals, key, followed }
}

const processOf = async (placement: RunPlacement, signals: Parameters<RunPlacement['start']>[0]) => {
  const started = await placement.start(signals)
  return 'process' in started ? started.process : started.instead
}

test('a run that leaves no session starts cold, and nothing of a session is saved for it', async () => {
  const { place, signals, cluster, sessions } = openPlacing()
  const placement = await place(sampleRun({ fanOut: 'f1' }))
  expect(placement).toMatchObject({ how: 'cold', details: {} })
  await placement.start(signals)
  expect(cluster.launched).toHaveLength(1)
  expect(cluster.launched[0]).not.toHaveProperty('stay')
  expect(await placement.onRunning(where, signals)).toBeUndefined()
  expect(await placement.onEnded(done, where)).toBeUndefined()
  expect(await sessions.all()).toEqual([])
})

test('the first of a person’s runs creates the session; one that comes meanwhile starts cold', async () => {
  const { place, signals, cluster, sessions, key, worker } = openPlacing()
  const placement = await place()
  expect(placement).toMatchObject({ how: 'create', details: { kept: 'new session' } })
  expect(await place()).toMatchObject({ how: 'cold' })
  await placement.start(signals)
  expect(cluster.launched).toMatchObject([{ stay: { idle: 60 } }])
  const written = await placement.onRunning(where, signals)
  expect(
    worker.sessions.read({ id: sampleRun().id, ...(written === undefined ? {} : { place: written }) }),
  ).toMatchObject({
    key,
    session: where,
  })
  expect(await placement.onEnded(done, where)).toBe(60)
  expect(await sessions.find(key, 60)).toMatchObject({ ...where, run: sampleRun().id })
  expect(cluster.prewarmed).toEqual([sampleRun().id])
})

test('a created session is forgotten where its run ended in disorder, and released where it never ran', async () => {
  const { place, signals, sessions } = openPlacing()
  const first = await place()
  await first.start(signals)
  expect(await first.onEnded(lost, undefined)).toBeUndefined()
  const second = await place()
  expect(second.how).toBe('create')
  await second.start(signals)
  await second.onRunning(where, signals)
  expect(await second.onEnded(lost, where)).toBeUndefined()
  expect(await sessions.all()).toEqual([])
})

test('the next run reuses the session, and its reference is saved before it starts', async () => {
  const { place, create, signals, cluster } = openPlacing()
  await create()
  const next = await place(sampleRun({ id: 'r2' }))
  expect(next).toMatchObject({ how: 'reuse', details: { kept: 'reused session', pod: 'pod-1' } })
  expect(next.place).toMatch(/^r2 /)
  await next.start(signals)
  expect(cluster.entered).toMatchObject([{ id: 'r2', host: sampleRun().id }])
  expect(await next.onRunning(where, signals)).toBeUndefined()
  expect(await next.onEnded(lost, where)).toBeUndefined()
  expect(await next.onEnded(done, where)).toBe(60)
})

test('where the container is gone, the run creates one of its own instead, on record', async () => {
  const { place, create, signals, cluster, recorded, sessions } = openPlacing()
  await create()
  await cluster.end({ run: sampleRun().id } as Session)
  const next = await place(sampleRun({ id: 'r2' }))
  const instead = await processOf(next, signals)
  expect(instead).toMatchObject({ how: 'create' })
  expect(recorded()).toEqual([`session-ended ${sampleRun().id} carol@example.com`])
  expect(await sessions.all()).toEqual([])
  expect(cluster.launched).toHaveLength(1)
})

test('an adopted run is followed where it was placed, and starts nothing', async () => {
  const { adopt, create, signals, cluster } = openPlacing()
  const place = await create()
  if (place === undefined) throw new Error('no reference')
  const own = await adopt(sampleRun({ state: 'running', place }))
  expect(own.how).toBe('create')
  expect(await own.onRunning(where, signals)).toBe(place)
  expect(await own.onEnded(done, undefined)).toBe(60)
  const session = { ...where, cluster: 'dev', kind: 'node' as const, run: 'other', until: done.at }
  const foreign = openPlacing()
  const reference = foreign.worker.sessions.write('r2', { key: 'k', session })
  const other = await foreign.adopt(sampleRun({ id: 'r2', state: 'running', place: reference }))
  expect(other.how).toBe('reuse')
  expect(await processOf(other, foreign.signals)).toMatchObject({ how: 'cold' })
  expect([...cluster.launched.slice(1), ...foreign.cluster.launched]).toEqual([])
})

test('a reference that something else wrote is an alarm, and the run is followed without a session', async () => {
  const { adopt, details } = openPlacing()
  expect(await adopt(sampleRun({ state: 'running', place: 'forged' }))).toMatchObject({ how: 'cold' })
  expect(details('alarm')).toBeDefined()
})

test('a session is renewed while its run is followed, and not a moment longer', async () => {
  jest.useFakeTimers()
  try {
    const { place, signals, followed, sessions } = openPlacing()
    const touch = jest.spyOn(sessions, 'touch')
    const placement = await place()
    await placement.start(signals)
    await placement.onRunning(where, signals)
    await jest.advanceTimersByTimeAsync(120_000)
    const count = touch.mock.calls.length
    expect(count).toBeGreaterThan(1)
    followed.abort()
    await jest.advanceTimersByTimeAsync(120_000)
    expect(touch).toHaveBeenCalledTimes(count)
  } finally {
    jest.useRealTimers()
  }
})
