import { expect, test } from '@jest/globals'
import { endPausedJob } from '#src/worker/jobs/end-paused'
import { openContexts } from '#test/samples/contexts'

const pause = { by: 'Bob', reason: 'incident' }
const text = 'all runs are paused by Bob: incident'

/** Opens contexts with a request (r1), a waiting run (r2), one that a worker has (r3), and a warm session of r0. */
async function openMixed() {
  const all = openContexts({ more: 'shell: { keep: 5m, keepInPods: off }' })
  await all.say('alice', 'shell node002 dig x', { id: 'r0' })
  await all.work()
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  await all.say('alice', 'shell node001 dig x', { id: 'r3' })
  await all.queue.take()
  await all.say('alice', 'shell node001 dig x', { id: 'r2' })
  return all
}

test('a pause ends requests and waiting runs, and has workers end the others', async () => {
  const { worker, store, saved, queue, cancelBus, recorded } = await openMixed()
  await store.setValue('pause', 'current', pause)
  await endPausedJob(worker)
  for (const id of ['r1', 'r2']) expect((await saved(id)).end).toMatchObject({ reason: 'paused', message: text })
  expect(await queue.has('r2')).toBe(false)
  expect((await saved('r3')).end).toBeUndefined()
  expect([...cancelBus.canceled]).toEqual([['r3', 'a pause']])
  expect(recorded()).toEqual(expect.arrayContaining(['ended r1 alice@example.com', 'ended r2 alice@example.com']))
})

test('a pause ends warm sessions, on record', async () => {
  const { worker, store, sessions, details } = await openMixed()
  await store.setValue('pause', 'current', pause)
  await endPausedJob(worker)
  expect(await sessions.all()).toEqual([])
  expect(await sessions.ending()).toMatchObject([{ id: 'r0', by: 'Bob', why: text }])
  expect(details('session-ended')).toEqual({ why: text, pod: 'retina-r0' })
})

test('without a pause, or while another worker does it, nothing ends', async () => {
  const { worker, store, saved, sessions, cancelBus } = await openMixed()
  await endPausedJob(worker)
  await store.setValue('pause', 'current', pause)
  await store.acquireLock('end-paused', 60)
  await endPausedJob(worker)
  expect([(await saved('r1')).end, (await saved('r2')).end]).toEqual([undefined, undefined])
  expect([cancelBus.canceled.size, (await sessions.all()).length]).toEqual([0, 1])
})

test('the lock is released, also where something fails', async () => {
  const { worker, store } = await openMixed()
  await store.setValue('pause', 'current', pause)
  const { openRuns } = store
  store.openRuns = async () => {
    throw new Error('away')
  }
  worker.store.openRuns = store.openRuns
  await expect(endPausedJob(worker)).rejects.toThrow('away')
  worker.store.openRuns = openRuns
  expect(await store.acquireLock('end-paused', 60)).toBeDefined()
})

test('a run that was changed in the store is left alone', async () => {
  const { worker, store, saved } = await openMixed()
  store.breakRun('r1')
  await store.setValue('pause', 'current', pause)
  await endPausedJob(worker)
  expect(await store.run('r1')).toBe('broken')
  expect((await saved('r2')).end?.reason).toBe('paused')
})
