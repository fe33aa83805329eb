import { describe, expect, test } from '@jest/globals'
import type { Sessions } from '#core/ports/sessions'
import type { Session } from '#core/sessions/session'

/** Store of sessions under test, without data. */
export type SessionsBench = { sessions: Sessions; pass: (ms: number) => Promise<void> }

const session: Session = {
  ...{ cluster: 'dev', kind: 'node', namespace: 'retina-chatops', pod: 'retina-a', uid: 'u', container: 'shell' },
  ...{ run: 'a', until: '2030-01-01T00:00:00.000Z' },
}
const ref = { key: 'k', session }
const newer = { key: 'k', session: { ...session, run: 'b' } }
const why = { by: 'Alice', why: 'requested' }

/** Tests what every store of sessions has to do. */
export function sessionsContract(name: string, open: () => Promise<SessionsBench>): void {
  describe(`${name} meets the contract of sessions`, () => {
    test('a session is found under its key until its idle timeout, which finding and touching restart', async () => {
      const { sessions, pass } = await open()
      expect(await sessions.save(ref, 10)).toBeUndefined()
      expect(await sessions.find('other', 10)).toBeUndefined()
      await pass(8_000)
      expect(await sessions.find('k', 10)).toEqual(session)
      await pass(8_000)
      expect(await sessions.touch(ref, 10)).toBe(true)
      await pass(8_000)
      expect(await sessions.all()).toEqual([ref])
      await pass(3_000)
      expect(await sessions.find('k', 10)).toBeUndefined()
      expect(await sessions.touch(ref, 10)).toBe(false)
      expect(await sessions.all()).toEqual([])
    })

    test('a session that was replaced can’t be touched, forgotten or ended', async () => {
      const { sessions } = await open()
      await sessions.save(ref, 10)
      expect(await sessions.save(newer, 10)).toEqual(session)
      expect([await sessions.touch(ref, 10), await sessions.forget(ref), await sessions.end(ref, why)]).toEqual([
        ...[false, false, false],
      ])
      expect(await sessions.ending()).toEqual([])
      expect(await sessions.find('k', 10)).toEqual(newer.session)
      expect(await sessions.forget(newer)).toBe(true)
      expect(await sessions.find('k', 10)).toBeUndefined()
    })

    test('ended and retired sessions are listed for workers until one confirms it', async () => {
      const { sessions } = await open()
      await sessions.save(ref, 10)
      expect(await sessions.end(ref, why)).toBe(true)
      expect(await sessions.find('k', 10)).toBeUndefined()
      await sessions.retire(newer, why)
      const ending = (await sessions.ending()).toSorted((one, two) => one.id.localeCompare(two.id))
      expect(ending).toEqual([
        { ...ref, ...why, id: 'a', patient: false },
        { ...newer, ...why, id: 'b', patient: true },
      ])
      for (const id of ['a', 'b']) await sessions.ended(id)
      expect(await sessions.ending()).toEqual([])
    })

    test('the reference that is stored with a run is valid for that run only', async () => {
      const { sessions } = await open()
      const place = sessions.write('a', ref)
      expect(sessions.read({ id: 'a', place })).toEqual(ref)
      expect(sessions.read({ id: 'b', place })).toBe('forged')
      expect(sessions.read({ id: 'a', place: place.replace('retina-a', 'retina-b') })).toBe('forged')
      expect(sessions.read({ id: 'a' })).toBeUndefined()
    })
  })
}
