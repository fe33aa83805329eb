import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { AuditEntry, AuditRecord } from '#core/runs/audit-record'
import { connectRedis } from '#src/redis/connection'
import { earlierSigner, signerFor } from '#src/redis/hmac-signer'
import { redisInstallationId } from '#src/redis/installation-id'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { resignLastingValues } from '#src/redis/store/resign-values'
import { redisRunStore } from '#src/redis/store/run-store'
import { redisSessionStore } from '#src/redis/store/session-store'
import { useRedis } from '#test/environment/redis'
import { sampleRun, silentLog } from '#test/samples/run'

const redis = useRedis()
const [old, next] = ['o'.repeat(32), 'n'.repeat(32)]
let connection: ReturnType<typeof connectRedis>
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
beforeEach(() => redis.empty())
afterAll(() => connection.disconnect())

const record = (run: string, what: AuditRecord['what'] = 'decided'): AuditRecord => ({
  ...{ at: '2026-11-24T03:00:00.000Z', what, run, person: 'carol@example.com', details: {} },
})
const kinds = async (log: ReturnType<typeof redisAuditLog>) => {
  const found: string[] = []
  for await (const { record: each } of log.read()) found.push(each.what === 'key-changed' ? 'key-changed' : each.run)
  return found
}

/** Changes entries of the stored log, as somebody with write access could. */
async function forge(change: (entry: AuditEntry) => AuditEntry): Promise<void> {
  const rows = await connection.xrange('retina:audit', '-', '+')
  await connection.del('retina:audit')
  for (const [, fields] of rows)
    await connection.xadd(
      'retina:audit',
      '*',
      'entry',
      JSON.stringify(change(JSON.parse(fields[1] ?? '') as AuditEntry)),
    )
}

/** A log that was begun with the old key, went on with both, and has the next one alone since. */
async function rotated() {
  const before = redisAuditLog(connection, old)
  for (const run of ['a', 'b']) await before.append(record(run))
  const during = redisAuditLog(connection, [next, old])
  for (const run of ['c', 'd']) await during.append(record(run))
  return redisAuditLog(connection, next)
}

test('T33 the audit log goes on with another key, and a record says so', async () => {
  const after = await rotated()
  await after.append(record('e'))
  expect(await kinds(redisAuditLog(connection, [next, old]))).toEqual(['a', 'b', 'key-changed', 'c', 'd', 'e'])
  expect(await redisAuditLog(connection, [next, old]).verify()).toEqual({ records: 6 })
  expect(await redisAuditLog(connection, [old, next]).verify()).toEqual({ records: 6 })
})

test('T33 without the old key its records are unverified, which is said, and the log goes on', async () => {
  const after = await rotated()
  expect(await after.verify()).toEqual({ records: 5, unverified: 2 })
  expect(await kinds(after)).toEqual(['key-changed', 'c', 'd'])
  expect(await after.appendOnce(record('d'))).toBe(false)
  expect(await after.appendOnce(record('e'))).toBe(true)
  expect(await after.verify()).toEqual({ records: 6, unverified: 2 })
})

test('processes with either key first append to one log while they are replaced', async () => {
  const [one, other] = [redisAuditLog(connection, [old, next]), redisAuditLog(connection, [next, old])]
  await Promise.all(Array.from({ length: 20 }, (_each, at) => (at % 2 === 0 ? one : other).append(record(`r${at}`))))
  const all = await kinds(one)
  expect(all.filter((each) => each !== 'key-changed').toSorted()).toEqual(
    Array.from({ length: 20 }, (_each, at) => `r${at}`).toSorted(),
  )
  expect(all.filter((each) => each === 'key-changed').length).toBeGreaterThan(0)
  expect(await redisAuditLog(connection, [next, old]).verify()).toEqual({ records: all.length })
  const after = redisAuditLog(connection, next)
  await after.append(record('last'))
  expect(await after.verify()).toMatchObject({ records: expect.any(Number) })
})

test('T33 a process that lacks the present key appends nothing, and says what it lacks', async () => {
  await rotated()
  const late = redisAuditLog(connection, old)
  await expect(late.append(record('x'))).rejects.toThrow('its head is not signed with this key')
  const alarms: string[] = []
  const running = redisAuditLog(connection, old, { alarm: (why) => void alarms.push(why) })
  await expect(running.append(record('x'))).rejects.toThrow()
  expect(alarms).toHaveLength(1)
})

test.each<[string, (entry: AuditEntry) => AuditEntry, RegExp]>([
  [
    'a record of the present key is said to be of another one',
    (entry) => (entry.number === 4 ? { ...entry, key: 'ffffffff' } : entry),
    /record 4 is signed with a key that is not here/,
  ],
  [
    'a record of the present key is changed',
    (entry) => (entry.number === 4 ? { ...entry, record: record('x') } : entry),
    /record 4 was changed/,
  ],
  [
    'the change of the key is changed',
    (entry) => (entry.number === 3 ? { ...entry, record: record('x') } : entry),
    /record 2 is signed with a key that is not here|record 3 was changed/,
  ],
  [
    'the last record of the old key is replaced',
    (entry) => (entry.number === 2 ? { ...entry, hash: '0'.repeat(64) } : entry),
    /record 3 (was changed|does not follow)/,
  ],
])('T33 %s: found with the present key alone', async (_what, change, message) => {
  await rotated()
  await forge(change)
  expect(await redisAuditLog(connection, next).verify()).toEqual({ mistake: expect.stringMatching(message) })
  await expect(redisAuditLog(connection, next).append(record('y'))).rejects.toThrow()
})

test('T33 a changed record of the old key is found by a process with that key', async () => {
  await rotated()
  await forge((entry) => (entry.number === 1 ? { ...entry, record: record('x') } : entry))
  expect(await redisAuditLog(connection, [next, old]).verify()).toEqual({ mistake: 'record 1 was changed' })
})

test('an audit log of a newer format stops the process with what to do', async () => {
  const log = redisAuditLog(connection, next)
  await log.append(record('a'))
  await forge((entry) => ({ ...entry, format: 2 }))
  const words = 'record 1 has format 2, of a newer version of Retina ChatOps; upgrade this process'
  await expect(redisAuditLog(connection, next).append(record('b'))).rejects.toThrow(words)
  expect(await log.verify()).toEqual({ mistake: words })
})

test('runs, values and sessions are read and changed with either key', async () => {
  const now = () => Date.parse('2026-11-24T03:00:00.000Z')
  const reports: string[] = []
  const report = (key: string) => void reports.push(key)
  const before = redisRunStore(connection, { secret: [old, next], now, report })
  const after = redisRunStore(connection, { secret: [next, old], now, report })
  const run = sampleRun()
  await before.addRun(run)
  expect(await after.changeRun(run.id, (each) => ({ ...each, state: 'running' }))).toMatchObject({ state: 'running' })
  expect(await before.changeRun(run.id, (each) => ({ ...each, kept: 5 }))).toMatchObject({ state: 'running', kept: 5 })
  await before.setValue('page-link', 'x', { run: run.id } as never, 60)
  expect(await after.takeValue('page-link', 'x')).toEqual({ run: run.id })
  const sessionsOf = (secrets: readonly string[]) =>
    redisSessionStore(connection, { signer: signerFor(secrets, 'sessions'), report })
  const session = { namespace: 'n', pod: 'p', uid: 'u', container: 'c', run: run.id } as never
  const ref = { key: 's', session }
  await sessionsOf([old, next]).save(ref, 60)
  expect(await sessionsOf([next, old]).touch(ref, 60)).toBe(true)
  expect(await sessionsOf([next, old]).find('s', 60)).toMatchObject({ pod: 'p' })
  expect(await sessionsOf([next, old]).forget(ref)).toBe(true)
  expect(reports).toEqual([])
})

test('what never expires is signed with the present key, so that it outlives the old one', async () => {
  const now = () => Date.parse('2026-11-24T03:00:00.000Z')
  const passkey = { id: 'p1', publicKey: 'x', counter: 0, addedAt: '2026-11-24T03:00:00.000Z' }
  const before = redisRunStore(connection, { secret: old, now })
  await before.setValue('passkeys', 'bob@example.com', [passkey])
  await before.setValue('page-link', 'x', { run: 'r' } as never, 60)
  await before.setValue('policy-hash', 'current', { hash: 'h' })
  await connection.set(
    'retina:kept:passkeys:eve@example.com',
    earlierSigner(old).sign('passkeys:eve@example.com', JSON.stringify([passkey])),
  )
  const id = await redisInstallationId(connection, { signer: signerFor(old, 'values') })()
  const both = { signer: signerFor([next, old], 'values'), earlier: earlierSigner([next, old]) }
  expect(await resignLastingValues(connection, both)).toBe(3)
  expect(await resignLastingValues(connection, both)).toBe(0)
  expect(await redisInstallationId(connection, { signer: both.signer })()).toBe(id)
  const after = redisRunStore(connection, { secret: next, now })
  expect(await after.getValue('passkeys', 'bob@example.com')).toEqual([passkey])
  expect(await after.getValue('passkeys', 'eve@example.com')).toEqual([passkey])
  expect(await after.getValue('policy-hash', 'current')).toEqual({ hash: 'h' })
  expect(await after.getValue('page-link', 'x')).toBe('broken')
  expect(await redisInstallationId(connection, { signer: signerFor(next, 'values') })()).toBe(id)
})

test('T44 what neither key has signed is not signed by this', async () => {
  await connection.set(
    'retina:value:passkeys:eve@example.com',
    signerFor('x'.repeat(32), 'values').sign('value:passkeys:eve@example.com', '{"value":[]}'),
  )
  const both = { signer: signerFor([next, old], 'values'), earlier: earlierSigner([next, old]) }
  expect(await resignLastingValues(connection, both)).toBe(0)
  const after = redisRunStore(connection, { secret: [next, old], now: Date.now })
  expect(await after.getValue('passkeys', 'eve@example.com')).toBe('broken')
})
