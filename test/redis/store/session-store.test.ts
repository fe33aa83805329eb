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
  return { connection, sessions: redisSessionStore(connection, createSigner(secret)) }
}

test('what is saved is found under its key, and by nobody else’s key or secret', async () => {
  const { sessions, connection } = open()
  expect(await sessions.save(place, 10)).toBeUndefined()
  expect(await sessions.find('k', 10)).toEqual(session)
  expect(await sessions.find('other', 10)).toBeUndefined()
  expect(await open('another').sessions.find('k', 10)).toBe('forged')
  await connection.rename('retina:session:k', 'retina:session:other')
  expect(await sessions.find('other', 10)).toBe('forged')
})

test('finding and touching begin its time anew; without them it is over', async () => {
  const { sessions, connection } = open()
  await sessions.save(place, 2)
  await sessions.find('k', 100)
  expect(await connection.ttl('retina:session:k')).toBeGreaterThan(90)
  expect(await sessions.touch(place, 1)).toBe(true)
  await waitUntil('it is over', async () => (await sessions.all()).length === 0, 5)
  expect(await sessions.touch(place, 1)).toBe(false)
  expect(await connection.smembers('retina:sessions')).toEqual([])
})

test('what was replaced is not touched, forgotten or ended in the other’s stead', async () => {
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

test('one that is ended is for a worker to end, until it says so; nobody else can have one ended', async () => {
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

test('where a run is can’t be written by others, nor taken from another run', () => {
  const { sessions } = open()
  const text = sessions.write('a', place)
  expect(sessions.read({ id: 'a', place: text })).toEqual(place)
  expect(sessions.read({ id: 'b', place: text })).toBe('forged')
  expect(sessions.read({ id: 'a', place: text.replace('retina-a', 'retina-b') })).toBe('forged')
  expect(sessions.read({ id: 'a' })).toBeUndefined()
})
