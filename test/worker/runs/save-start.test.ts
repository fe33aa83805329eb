import { expect, test } from '@jest/globals'
import { saveOwnContainer, saveStart, saveStartInFanOut } from '#src/worker/runs/save-start'
import { placeRun } from '#src/worker/sessions/place-run'
import { openContexts } from '#test/samples/contexts'

/** Opens contexts in which Alice's run r1 is about to start. */
async function openStarting() {
  const all = openContexts()
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  const run = await all.saved('r1')
  const placement = await placeRun(all.worker, run, all.cluster)
  return { ...all, run, start: () => saveStart(all.worker, run, placement) }
}

test('a start is saved, recorded with what runs where, and measured', async () => {
  const { start, run, saved, clock, bot, details, observed } = await openStarting()
  clock.pass(3_000)
  expect(await start()).toMatchObject({ run: { id: 'r1', state: 'starting' } })
  expect((await saved('r1')).state).toBe('starting')
  expect(details('started')).toEqual({ spec: bot.hash(run.spec), node: 'node001', image: run.spec.image })
  expect(observed.started).toEqual([3])
})

test('T21 a run that another worker has started is followed, not started again', async () => {
  const { start, store, recorded } = await openStarting()
  await store.changeRun('r1', (now) => ({ ...now, state: 'starting' }))
  expect(await start()).toEqual({ refusal: 'differs' })
  expect(recorded()).not.toContain('started r1 alice@example.com')
})

test('T20 a run that was changed in the store, or is gone, doesn’t start', async () => {
  const { start, store } = await openStarting()
  store.breakRun('r1')
  expect(await start()).toMatchObject({
    end: { reason: 'refused', message: 'its stored state was changed by something other than this program' },
  })
})

test('T34 a start that can’t be saved or recorded is none', async () => {
  const { start, worker, saved } = await openStarting()
  worker.auditOnce = async () => {
    throw new Error('away')
  }
  expect(await start()).toMatchObject({ end: { message: 'its start could not be recorded, so nothing was run' } })
  worker.store.changeRun = async () => {
    throw new Error('OOM command not allowed')
  }
  expect(await start()).toMatchObject({ end: { message: 'my store (Redis) is full, so nothing was run' } })
  expect((await saved('r1')).end).toBeUndefined()
})

test('a run that leaves its container doesn’t keep the reference to it, unless it has ended', async () => {
  const { worker, store, saved, run } = await openStarting()
  await store.changeRun('r1', (now) => ({ ...now, place: 'somewhere' }))
  expect(await saveOwnContainer(worker, run)).not.toHaveProperty('place')
  const end = { reason: 'canceled' as const, at: run.queuedAt, complete: true }
  await store.changeRun('r1', (now) => ({ ...now, place: 'somewhere', state: 'ended', end }))
  await saveOwnContainer(worker, run)
  expect(await saved('r1')).toMatchObject({ place: 'somewhere', end })
})

test('a fan-out that can’t be told of a start doesn’t stop it', async () => {
  const { worker, store, run, lines } = await openStarting()
  store.setField = async () => {
    throw new Error('away')
  }
  await saveStartInFanOut({ ...worker, store }, { ...run, fanOut: 'f1' })
  expect(lines('warn')).toEqual(['a fan-out could not be updated with the start of a run'])
})
