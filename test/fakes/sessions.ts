import type { Sessions } from '#core/ports/sessions'
import type { Session, SessionEnd, SessionRef } from '#core/sessions/session'
import { canonicalJson } from '#core/util/canonical-json'
import { type FakeClock, fakeClock } from './clock.ts'
import { expiringMap } from './expiring.ts'

export type FakeSessions = Sessions & {
  /** Changes the record of a session as somebody without the key would. */
  forge: (key: string) => void
}

/** Returns a store of sessions in memory. What it has written itself is genuine, everything else is forged. */
export function memorySessions(clock: FakeClock = fakeClock()): FakeSessions {
  const records = expiringMap<Session | 'forged'>(clock)
  const endings = new Map<string, SessionRef & SessionEnd & { patient: boolean }>()
  const written = new Set<string>()
  const isCurrent = ({ key, session }: SessionRef) => {
    const now = records.get(key)
    return now !== undefined && now !== 'forged' && canonicalJson(now) === canonicalJson(session)
  }
  const forget = async (ref: SessionRef) => isCurrent(ref) && records.delete(ref.key)
  return {
    forget,
    async find(key, idleSeconds) {
      const found = records.get(key)
      if (found !== undefined) records.set(key, found, idleSeconds)
      return found
    },
    async save({ key, session }, idleSeconds) {
      const previous = records.get(key)
      records.set(key, session, idleSeconds)
      return previous === 'forged' ? undefined : previous
    },
    async touch(ref, idleSeconds) {
      if (!isCurrent(ref)) return false
      records.set(ref.key, ref.session, idleSeconds)
      return true
    },
    async end(ref, reason) {
      if (!(await forget(ref))) return false
      endings.set(ref.session.run, { ...ref, ...reason, patient: false })
      return true
    },
    async retire(ref, reason) {
      endings.set(ref.session.run, { ...ref, ...reason, patient: true })
    },
    all: async () => records.entries().map(([key, session]) => ({ key, session })),
    ending: async () => [...endings].map(([id, ending]) => ({ ...ending, id })),
    async ended(id) {
      endings.delete(id)
    },
    write(run, ref) {
      const text = `${run} ${JSON.stringify(ref)}`
      written.add(text)
      return text
    },
    read({ id, place }) {
      if (place === undefined) return undefined
      return written.has(place) && place.startsWith(`${id} `)
        ? (JSON.parse(place.slice(id.length + 1)) as SessionRef)
        : 'forged'
    },
    forge: (key) => records.set(key, 'forged'),
  }
}
