import type { Broken, Store, StoredValue } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { type FakeClock, fakeClock } from './clock.ts'
import { memoryLocks } from './locks.ts'
import { type FakeTranscripts, memoryTranscripts } from './transcripts.ts'
import { type FakeValues, memoryValues } from './values.ts'

export type FakeStore = Store &
  FakeValues &
  FakeTranscripts & {
    /** Changes a stored run as somebody without the key would. */
    breakRun: (id: string) => void
  }

/** Returns a store in memory, without signatures: what somebody else changed is marked as broken. */
export function memoryStore(clock: FakeClock = fakeClock()): FakeStore {
  const runs = new Map<string, string | Broken>()
  const order: string[] = []
  const open = new Set<string>()
  const run = (id: string): StoredValue<Run> => {
    const text = runs.get(id)
    return text === undefined || text === 'broken' ? text : (JSON.parse(text) as Run)
  }
  return {
    ...memoryLocks(clock),
    ...memoryValues(clock),
    ...memoryTranscripts(),
    async addRun(added) {
      if (runs.has(added.id)) return false
      runs.set(added.id, JSON.stringify(added))
      open.add(added.id)
      if (added.fanOut === undefined) order.push(added.id)
      return true
    },
    run: async (id) => run(id),
    async changeRun(id, change) {
      const now = run(id)
      if (now === undefined || now === 'broken') return now
      const next = change(now)
      if (next === undefined) return now
      runs.set(id, JSON.stringify(next))
      if (next.state === 'ended' && next.toldAt !== undefined) open.delete(id)
      return run(id)
    },
    async replaceRun(replacement) {
      runs.set(replacement.id, JSON.stringify(replacement))
    },
    async runsOf(personId, limit) {
      const own = order
        .map(run)
        .filter((each) => each !== undefined && each !== 'broken' && each.request.by.id === personId) as Run[]
      return own.toSorted((one, other) => Date.parse(other.queuedAt) - Date.parse(one.queuedAt)).slice(0, limit)
    },
    openRuns: async () => [...open],
    async closeRun(id) {
      open.delete(id)
    },
    breakRun(id) {
      runs.set(id, 'broken')
    },
  }
}
