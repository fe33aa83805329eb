import { expect, test } from '@jest/globals'
import { withLock } from '#src/worker/jobs/with-lock'
import { fakeClock } from '#test/fakes/clock'
import { memoryStore } from '#test/fakes/store'
import { waitUntil } from '#test/flow/wait-for'

/** Real milliseconds between two extensions are a third of this. */
const leaseMs = 9

/** Opens a store whose extensions of locks are counted. `extended`: resolves after the next one. */
function open() {
  const clock = fakeClock()
  const store = memoryStore(clock)
  let extensions = 0
  const acquireLock: typeof store.acquireLock = async (...args) => {
    const lock = await store.acquireLock(...args)
    if (lock === undefined) return undefined
    const extend: typeof lock.extend = async (seconds) => {
      extensions += 1
      return lock.extend(seconds)
    }
    return { ...lock, extend }
  }
  const extended = async () => {
    const before = extensions
    await waitUntil('the lock is extended', () => extensions > before)
  }
  const isFree = async () => {
    const lock = await store.acquireLock('a', 1)
    await lock?.release()
    return lock !== undefined
  }
  return { store: { acquireLock }, clock, extended, isFree, count: () => extensions }
}

test('the work is done under the lock, which is free then', async () => {
  const { store, isFree } = open()
  const free: boolean[] = []
  expect(await withLock(store, 'a', { leaseMs }, async () => void free.push(await isFree()))).toBe(true)
  expect([...free, await isFree()]).toEqual([false, true])
})

test('nothing is done while another worker has the lock', async () => {
  const { store } = open()
  let done = 0
  await store.acquireLock('a', 60)
  const isDone = await withLock(store, 'a', { leaseMs }, async () => {
    done += 1
  })
  expect([done, isDone]).toEqual([0, false])
})

test('the lock is free after work that fails', async () => {
  const { store, isFree } = open()
  const work = async () => {
    throw new Error('away')
  }
  await expect(withLock(store, 'a', { leaseMs }, work)).rejects.toThrow('away')
  expect(await isFree()).toBe(true)
})

test('the lock is held for as long as the work takes', async () => {
  const { store, clock, extended, isFree } = open()
  const free: boolean[] = []
  await withLock(store, 'a', { leaseMs }, async () => {
    for (let lease = 0; lease < 4; lease += 1) {
      await extended()
      clock.pass(leaseMs - 1)
      free.push(await isFree())
    }
  })
  expect([...free, await isFree()]).toEqual([false, false, false, false, true])
})

test.each([
  ['ten leases', { leaseMs }, 30],
  ['another time', { leaseMs, maxMs: 2 * leaseMs }, 6],
])('work that never ends loses its lock after %s', async (_time, times, extensions) => {
  const { store, clock, count, isFree } = open()
  const { promise: forever, resolve: end } = Promise.withResolvers<void>()
  const working = withLock(store, 'a', times, () => forever)
  await waitUntil('it is extended for the last time', () => count() === extensions)
  clock.pass(leaseMs)
  expect(await isFree()).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, leaseMs))
  expect(count()).toBe(extensions)
  end()
  await working
})

test('the end of work that took longer than its lock leaves the next holder’s', async () => {
  const { store, clock, isFree } = open()
  await withLock(store, 'a', { leaseMs: 60_000 }, async () => {
    clock.pass(60_000)
    await store.acquireLock('a', 60)
  })
  expect(await isFree()).toBe(false)
})
