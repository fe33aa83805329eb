import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const redis = useRedis()
let store: ReturnType<typeof openStore>
let connection: ReturnType<typeof connectRedis>

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
  store = openStore(connection)
})
afterAll(() => connection.disconnect())

function runWith(id: string, queuedAt = '2026-11-23T03:00:00.000Z') {
  return sampleRun({ request: sampleRequest({ id }), queuedAt })
}

test('a lock is acquired once', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, () => store.acquireLock('event-1', 60)))
  expect(claims.filter(Boolean)).toHaveLength(1)
  expect(await store.acquireLock('event-2', 60)).toBeDefined()
})

test('a run is saved once and read as it was', async () => {
  const run = runWith('saved')
  expect(await store.addRun(run)).toBe(true)
  expect(await store.addRun({ ...run, set: 'other' })).toBe(false)
  expect(await store.run('saved')).toEqual(run)
  expect(await store.run('unknown')).toBeUndefined()
})

test('of fifty concurrent changes none is lost', async () => {
  await store.addRun(runWith('busy'))
  await Promise.all(
    Array.from({ length: 50 }, (_each, index) =>
      store.changeRun('busy', (run) => ({
        ...run,
        request: { ...run.request, added: [...run.request.added, `n${index}`] },
      })),
    ),
  )
  expect((await store.run('busy'))?.request.added).toHaveLength(51)
})

test('a change that returns undefined doesn’t change the run', async () => {
  await store.addRun(runWith('kept'))
  const run = await store.changeRun('kept', () => undefined)
  expect(run).toEqual(runWith('kept'))
  expect(await store.changeRun('unknown', (each) => each)).toBeUndefined()
})

test('a person’s runs are listed newest first, and only for that person', async () => {
  for (const [index, id] of ['old', 'mid', 'new'].entries()) {
    await store.addRun({ ...runWith(id), queuedAt: `2027-01-0${index + 1}T00:00:00.000Z` })
  }
  expect((await store.runsOf('carol@example.com', 2)).map((run) => run.id)).toEqual(['new', 'mid'])
  expect(await store.runsOf('dave@example.com', 2)).toEqual([])
})

test('a run is open until its result has been delivered', async () => {
  await store.addRun(runWith('open'))
  const end = { reason: 'completed' as const, at: '2026-11-23T03:00:01.000Z', exitCode: 0, complete: true }
  await store.changeRun('open', (run) => ({ ...run, state: 'ended', end }))
  expect(await store.openRuns()).toContain('open')
  await store.changeRun('open', (run) => ({ ...run, toldAt: '2026-11-23T03:00:02.000Z' }))
  expect(await store.openRuns()).not.toContain('open')
})
