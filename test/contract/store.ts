import { describe, expect, test } from '@jest/globals'
import type { Store } from '#core/ports/store'
import { sampleRequest, sampleRun } from '#test/samples/run'

/** Store under test, without data. `pass` lets that many ms pass for it. */
export type StoreBench = { store: Store; pass: (ms: number) => Promise<void> }

const runOf = (id: string, queuedAt = '2026-11-23T03:00:00.000Z') =>
  sampleRun({ request: sampleRequest({ id }), queuedAt })
const end = { reason: 'completed' as const, at: '2026-11-23T03:00:01.000Z', exitCode: 0, complete: true }

/** Tests what every store of runs has to do. */
export function storeContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name} meets the contract of a store`, () => {
    test('a run is saved once, and read as it was written', async () => {
      const { store } = await open()
      expect(await store.addRun(runOf('a'))).toBe(true)
      expect(await store.addRun({ ...runOf('a'), set: 'other' })).toBe(false)
      expect(await store.run('a')).toEqual(runOf('a'))
      expect(await store.run('b')).toBeUndefined()
    })

    test('a run that was read or given is a copy', async () => {
      const { store } = await open()
      const given = runOf('a')
      await store.addRun(given)
      Object.assign(given, { set: 'changed' })
      Object.assign((await store.run('a')) ?? {}, { set: 'changed' })
      expect(await store.run('a')).toEqual(runOf('a'))
    })

    test('of twenty changes at once none is lost; one that returns undefined changes nothing', async () => {
      const { store } = await open()
      await store.addRun(runOf('a'))
      const add = (text: string) =>
        store.changeRun('a', (run) => ({
          ...run,
          request: { ...run.request, added: [...run.request.added, text] },
        }))
      await Promise.all(Array.from({ length: 20 }, (_each, at) => add(`n${at}`)))
      expect(await store.run('a')).toMatchObject({ request: { added: { length: 21 } } })
      const before = await store.run('a')
      expect(await store.changeRun('a', () => undefined)).toEqual(before)
      expect(await store.changeRun('b', (run) => run)).toBeUndefined()
    })

    test('a run is replaced as a whole', async () => {
      const { store } = await open()
      await store.addRun(runOf('a'))
      await store.replaceRun({ ...runOf('a'), state: 'ended', end })
      expect(await store.run('a')).toEqual({ ...runOf('a'), state: 'ended', end })
    })

    test('a person’s runs are listed newest first, without others’ and without those of fan-outs', async () => {
      const { store } = await open()
      for (const [at, id] of ['old', 'mid', 'new'].entries())
        await store.addRun(runOf(id, `2027-01-0${at + 1}T00:00:00.000Z`))
      await store.addRun({ ...runOf('member', '2027-02-01T00:00:00.000Z'), fanOut: 'f' })
      expect((await store.runsOf('carol@example.com', 2)).map(({ id }) => id)).toEqual(['new', 'mid'])
      expect(await store.runsOf('dave@example.com', 2)).toEqual([])
    })

    test('a run is open until its result is delivered, or it is closed', async () => {
      const { store } = await open()
      for (const id of ['a', 'b']) await store.addRun(runOf(id))
      await store.changeRun('a', (run) => ({ ...run, state: 'ended', end }))
      expect([...(await store.openRuns())].toSorted()).toEqual(['a', 'b'])
      await store.changeRun('a', (run) => ({ ...run, toldAt: end.at }))
      expect(await store.openRuns()).toEqual(['b'])
      await store.closeRun('b')
      expect(await store.openRuns()).toEqual([])
    })
  })
}

/** Tests what every store of locks and counters has to do. */
export function locksContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name} meets the contract of locks and counters`, () => {
    test('of twenty that acquire a lock at once one gets it', async () => {
      const { store } = await open()
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.acquireLock('a', 60)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await store.acquireLock('b', 60)).toBeDefined()
    })

    test('a lock is free once it is released, or its time is over', async () => {
      const { store, pass } = await open()
      const lock = await store.acquireLock('a', 2)
      await lock?.release()
      expect(await store.acquireLock('a', 2)).toBeDefined()
      await pass(1_000)
      expect(await store.acquireLock('a', 2)).toBeUndefined()
      await pass(1_100)
      expect(await store.acquireLock('a', 2)).toBeDefined()
    })

    test('a lock that is extended is held for longer', async () => {
      const { store, pass } = await open()
      const lock = await store.acquireLock('a', 2)
      await pass(1_000)
      expect(await lock?.extend(3)).toBe(true)
      await pass(1_500)
      expect(await store.acquireLock('a', 2)).toBeUndefined()
      await pass(1_600)
      expect(await lock?.extend(3)).toBe(false)
      expect(await store.acquireLock('a', 2)).toBeDefined()
    })

    test('T21 a holder whose lock has expired neither releases nor extends the next one’s', async () => {
      const { store, pass } = await open()
      const late = await store.acquireLock('a', 1)
      await pass(1_100)
      const next = await store.acquireLock('a', 2)
      expect(await late?.extend(60)).toBe(false)
      await late?.release()
      expect(await store.acquireLock('a', 2)).toBeUndefined()
      await pass(2_100)
      expect(await next?.extend(60)).toBe(false)
    })

    test('calls are counted by their key, from one again after the window that the first one began', async () => {
      const { store, pass } = await open()
      expect([await store.count('a', 10), await store.count('a', 10), await store.count('b', 10)]).toEqual([1, 2, 1])
      await pass(6_000)
      expect(await store.count('a', 10)).toBe(3)
      await pass(5_000)
      expect(await store.count('a', 10)).toBe(1)
    })
  })
}

/** Tests what every store of values has to do. */
export function valuesContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name} meets the contract of values`, () => {
    test('a value is read under its kind and key, until it is deleted', async () => {
      const { store } = await open()
      await store.setValue('standing-approval', 'k', { run: 'a' })
      expect(await store.getValue('standing-approval', 'k')).toEqual({ run: 'a' })
      expect(await store.getValue('standing-approval', 'other')).toBeUndefined()
      expect(await store.getValue('policy-hash', 'k')).toBeUndefined()
      await store.setValue('standing-approval', 'k', { run: 'b' })
      expect(await store.getValue('standing-approval', 'k')).toEqual({ run: 'b' })
      await store.deleteValue('standing-approval', 'k')
      expect(await store.getValue('standing-approval', 'k')).toBeUndefined()
    })

    test('of twenty that take a value one gets it', async () => {
      const { store } = await open()
      await store.setValue('policy-hash', 'k', { hash: 'x' }, 60)
      const taken = await Promise.all(Array.from({ length: 20 }, () => store.takeValue('policy-hash', 'k')))
      expect(taken.filter((value) => value !== undefined)).toEqual([{ hash: 'x' }])
    })

    test('a value ends after its lifetime; one without a lifetime doesn’t', async () => {
      const { store, pass } = await open()
      await store.setValue('policy-hash', 'short', { hash: 'x' }, 10)
      await store.setValue('policy-hash', 'long', { hash: 'x' })
      await pass(9_000)
      expect(await store.getValue('policy-hash', 'short')).toEqual({ hash: 'x' })
      await pass(2_000)
      expect(await store.getValue('policy-hash', 'short')).toBeUndefined()
      expect(await store.getValue('policy-hash', 'long')).toEqual({ hash: 'x' })
    })

    test('fields of a key are read together or one by one, and deleted one by one', async () => {
      const { store, pass } = await open()
      expect(await store.fields('fan-outs-of', 'carol')).toEqual(new Map())
      await store.setField('fan-outs-of', 'carol', 'a', { at: 1 }, 60)
      await store.setField('fan-outs-of', 'carol', 'b', { at: 2 }, 60)
      await store.setField('fan-outs-of', 'dave', 'c', { at: 3 }, 60)
      expect(Object.fromEntries(await store.fields('fan-outs-of', 'carol'))).toEqual({ a: { at: 1 }, b: { at: 2 } })
      expect(await store.field('fan-outs-of', 'carol', 'b')).toEqual({ at: 2 })
      expect(await store.field('fan-outs-of', 'dave', 'b')).toBeUndefined()
      await store.deleteField('fan-outs-of', 'carol', 'a')
      expect(await store.field('fan-outs-of', 'carol', 'a')).toBeUndefined()
      expect([...(await store.fields('fan-outs-of', 'carol')).keys()]).toEqual(['b'])
      await pass(61_000)
      expect(await store.field('fan-outs-of', 'carol', 'b')).toBeUndefined()
      expect(await store.fields('fan-outs-of', 'carol')).toEqual(new Map())
    })
  })
}
