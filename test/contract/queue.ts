import { describe, expect, test } from '@jest/globals'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest, sampleRun } from '#test/samples/run'

/** Empty queue under test for three waiting runs at most; `take` gives the next run to a worker. */
export type QueueBench = { queue: RunQueue; take: () => Promise<string | undefined> }

const runOf = (id: string) => sampleRun({ request: sampleRequest({ id }), queuedAt: new Date().toISOString() })

/** Tests what every queue has to do. */
export function queueContract(name: string, open: () => Promise<QueueBench>): void {
  describe(`${name} meets the contract of a queue`, () => {
    test('a run is queued once, and not in a full queue', async () => {
      const { queue } = await open()
      for (const id of ['a', 'b', 'c']) expect(await queue.add(runOf(id), 1)).toBe('added')
      expect(await queue.add(runOf('d'), 1)).toBe('full')
      expect(await queue.add(runOf('a'), 1)).toBe('duplicate')
      expect(await queue.counts()).toMatchObject({ waiting: 3, active: 0 })
      expect([await queue.has('a'), await queue.has('d')]).toEqual([true, false])
    })

    test('a person’s first run comes before another person’s tenth', async () => {
      const { queue, take } = await open()
      await queue.add(runOf('tenth'), 10)
      await queue.add(runOf('first'), 1)
      expect([await queue.position(1), await queue.position(10)]).toEqual([1, 2])
      expect(await queue.waitingList(5)).toEqual([
        { run: 'first', before: 0 },
        { run: 'tenth', before: 1 },
      ])
      expect(await queue.waitingList(1)).toEqual([{ run: 'first', before: 0 }])
      expect(await take()).toBe('first')
    })

    test('a waiting run can be removed, one that a worker has can’t', async () => {
      const { queue, take } = await open()
      await queue.add(runOf('a'), 1)
      expect(await queue.remove('a')).toBe(true)
      expect([await queue.remove('a'), await queue.has('a')]).toEqual([false, false])
      await queue.add(runOf('b'), 1)
      expect(await take()).toBe('b')
      expect([await queue.remove('b'), await queue.has('b')]).toEqual([false, true])
      expect(await queue.counts()).toMatchObject({ waiting: 0, active: 1 })
    })
  })
}

/** Tests what every bus of cancellations has to do; `one` and `other` are those of two processes. */
export function cancelBusContract(name: string, open: () => Promise<{ one: CancelBus; other: CancelBus }>): void {
  describe(`${name} meets the contract of a bus of cancellations`, () => {
    test('a cancellation reaches the worker that has the run, and one that takes it later', async () => {
      const { one, other } = await open()
      const heard: string[] = []
      const unsubscribe = await other.onCancel('a', (by) => void heard.push(by))
      await other.onCancel('b', () => void heard.push('b was never canceled'))
      await one.cancel('a', 'Carol')
      await waitUntil('the worker is told', () => heard.length === 1)
      await other.onCancel('a', (by) => void heard.push(`late ${by}`))
      expect(heard).toEqual(['Carol', 'late Carol'])
      await unsubscribe()
    })
  })
}
