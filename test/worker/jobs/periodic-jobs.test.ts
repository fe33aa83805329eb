import { expect, test } from '@jest/globals'
import { startJobs } from '#src/worker/jobs/periodic-jobs'
import { hasSettled, waitUntil } from '#test/flow/wait-for'
import { openContexts } from '#test/samples/contexts'

test('each job runs at once: sweep, fan-outs, queue positions, pauses and sessions', async () => {
  const all = openContexts()
  const { worker, store, queue, sessions, observed } = all
  const called = new Set<string>()
  const notice = <T extends object>(object: T, name: keyof T & string) => {
    const before = object[name] as (...given: unknown[]) => unknown
    Object.assign(object, {
      [name](...given: unknown[]) {
        called.add(given[0] === 'open-fan-outs' ? 'fan-outs' : given[0] === 'pause' ? 'pause' : name)
        return before(...given)
      },
    })
  }
  notice(store, 'fields')
  notice(store, 'getValue')
  notice(queue, 'waitingList')
  notice(sessions, 'ending')
  // The context has copies of nothing: what is noticed is what the jobs call.
  const stop = startJobs({ ...worker, store, queue, sessions }, () => undefined)
  await waitUntil('the sweep has run', () => observed.pastHalfTime.length > 0)
  await stop()
  expect([...called].toSorted()).toEqual(['ending', 'fan-outs', 'pause', 'waitingList'])
})

test('a job that fails is logged and does not stop the others', async () => {
  const { worker, store, lines, queue } = openContexts()
  let positions = 0
  queue.waitingList = async () => {
    positions += 1
    return []
  }
  store.openRuns = async () => {
    throw new Error('away')
  }
  const stop = startJobs(worker, () => undefined)
  await waitUntil('the failure is logged', () => lines('warn').length > 0)
  await stop()
  expect(lines('warn')).toEqual(['leftovers could not be cleaned up; retrying soon'])
  expect(positions).toBe(1)
})

test('stopping waits for jobs in progress', async () => {
  const { worker, store } = openContexts()
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  store.openRuns = async () => {
    ask()
    await answered
    return []
  }
  const stop = startJobs(worker, () => undefined)
  await asked
  const stopping = stop()
  expect(await hasSettled(stopping)).toBe(false)
  answer()
  await stopping
  expect(await hasSettled(stopping)).toBe(true)
})
