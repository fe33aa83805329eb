import { beforeEach, expect, test } from '@jest/globals'
import type { Session } from '#core/sessions/session'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisSessionStore } from '#src/redis/store/session-store'
import { useRedis } from '#test/environment/redis'
import { atEnd } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
beforeEach(redis.empty)

const session: Session = {
  ...{ cluster: 'dev', kind: 'node', namespace: 'retina-chatops', pod: 'retina-a', uid: 'u', container: 'shell' },
  ...{ run: 'a', until: '2030-01-01T00:00:00.000Z' },
}
const place = { key: 'k', session }

function open(secret = 'a secret') {
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { connection, sessions: redisSessionStore(connection, { signer: createSigner(secret) }) }
}

test('a saved session is found under its key only, and only with the same secret', async () => {
  const { sessions, connection } = open()
  expect(await sessions.save(place, 10)).toBeUndefined()
  expect(await sessions.find('k', 10)).toEqual(session)
  expect(await sessions.find('other', 10)).toBeUndefined()
  expect(await open('another').sessions.find('k', 10)).toBe('forged')
  await connection.rename('retina:session:k', 'retina:session:other')
  expect(await sessions.find('other', 10)).toBe('forged')
})

test('finding and touching a session restart its idle timeout; otherwise it expires', async () => {
  const { sessions, connection } = open()
  await sessions.save(place, 2)
  await sessions.find('k', 100)
  expect(await connection.ttl('retina:session:k')).toBeGreaterThan(90)
  expect(await sessions.touch(place, 1)).toBe(true)
  await waitUntil('the session has expired', async () => (await sessions.all()).length === 0)
  expect(await sessions.touch(place, 1)).toBe(false)
  expect(await connection.smembers('retina:sessions')).toEqual([])
})

test('touching, forgetting or ending a replaced session doesn’t affect its replacement', async () => {
  const { sessions } = open()
  await sessions.save(place, 10)
  const newer = { key: 'k', session: { ...session, run: 'b' } }
  expect(await sessions.save(newer, 10)).toEqual(session)
  expect(await sessions.touch(place, 10)).toBe(false)
  expect(await sessions.forget(place)).toBe(false)
  expect(await sessions.end(place, { by: 'x', why: 'y' })).toBe(false)
  expect(await sessions.ending()).toEqual([])
  expect(await sessions.find('k', 10)).toMatchObject({ run: 'b' })
})

test('an ended session is listed for workers until one confirms it; a forged entry is ignored', async () => {
  const { sessions, connection } = open()
  await sessions.save(place, 10)
  expect(await sessions.end(place, { by: 'Alice', why: 'asked for' })).toBe(true)
  expect(await sessions.find('k', 10)).toBeUndefined()
  expect(await sessions.ending()).toEqual([{ ...place, id: 'a', by: 'Alice', why: 'asked for', patient: false }])
  await connection.hset('retina:sessions-ending', 'b', '.{"key":"k"}')
  expect(await sessions.ending()).toHaveLength(1)
  await sessions.ended('a')
  expect(await sessions.ending()).toEqual([])
})

test('the location of a run can’t be forged, nor copied from another run', () => {
  const { sessions } = open()
  const text = sessions.write('a', place)
  expect(sessions.read({ id: 'a', place: text })).toEqual(place)
  expect(sessions.read({ id: 'b', place: text })).toBe('forged')
  expect(sessions.read({ id: 'a', place: text.replace('retina-a', 'retina-b') })).toBe('forged')
  expect(sessions.read({ id: 'a' })).toBeUndefined()
})
