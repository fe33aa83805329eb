import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { AuditEntry } from '#core/runs/audit-record'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { createAuditSigner } from '#src/redis/store/audit-signature'
import { openProxy } from '#test/chaos/proxy'
import { useRedis } from '#test/environment/redis'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const key = 'k'.repeat(32)
let connection: ReturnType<typeof connectRedis>
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
beforeEach(() => redis.empty())
afterAll(() => connection.disconnect())

const record = (run: string) => ({
  at: '2026-11-24T03:00:00.000Z',
  what: 'decided' as const,
  run,
  person: 'carol@example.com',
  details: { decision: 'allow' },
})

async function filled() {
  const log = redisAuditLog(connection, key)
  for (const run of ['a', 'b', 'c', 'd', 'e']) await log.append(record(run))
  return log
}

/** Rewrites the chain's entries, as an attacker with write access to Redis could. */
async function forge(change: (entries: AuditEntry[]) => AuditEntry[]): Promise<void> {
  const entries: AuditEntry[] = []
  for await (const entry of redisAuditLog(connection, key).read()) entries.push(entry)
  await connection.del('retina:audit')
  for (const entry of change(entries)) await connection.xadd('retina:audit', '*', 'entry', JSON.stringify(entry))
}

test('an unchanged chain is valid, an empty one too', async () => {
  expect(await redisAuditLog(connection, key).verify()).toEqual({ records: 0 })
  expect(await (await filled()).verify()).toEqual({ records: 5 })
})

test.each<[string, (entries: AuditEntry[]) => AuditEntry[], RegExp]>([
  [
    'one byte changed',
    (all) => all.map((each, at) => (at === 2 ? { ...each, record: record('C') } : each)),
    /record 3 was changed/,
  ],
  ['a record removed', (all) => all.filter((_each, at) => at !== 2), /record 3 is missing/],
  [
    'two swapped',
    (all) => all.map((_each, at) => all[at === 1 ? 2 : at === 2 ? 1 : at] ?? _each),
    /record 2 is missing: 3 is in its place/,
  ],
  ['the tail cut', (all) => all.slice(0, 3), /ends at record 3, but its signed head is record 5/],
  ['everything gone', () => [], /ends at record 0, but its signed head is record 5/],
  ['a record added', (all) => [...all, ...all.slice(-1)], /record 6 is missing: 5 is in its place/],
])('T33 %s: detected, with the position', async (_what, change, message) => {
  const log = await filled()
  await forge(change)
  expect(await log.verify()).toEqual({ mistake: expect.stringMatching(message) })
})

test('T33 a chain that was rebuilt without the key is detected', async () => {
  const forger = redisAuditLog(connection, 'x'.repeat(32))
  for (const run of ['a', 'b']) await forger.append(record(run))
  expect(await redisAuditLog(connection, key).verify()).toEqual({
    mistake: 'the head of the chain is not signed with this key',
  })
})

test('concurrent processes write one valid chain', async () => {
  const logs = Array.from({ length: 5 }, () => redisAuditLog(connection, key))
  await Promise.all(
    logs.flatMap((log, at) => Array.from({ length: 20 }, (_each, n) => log.append(record(`${at}-${n}`)))),
  )
  expect(await redisAuditLog(connection, key).verify()).toEqual({ records: 100 })
})

test('a record that is sent again after a lost response is stored once, even if another process wrote in between', async () => {
  const { hostname: host, port } = new URL(redis.url())
  const proxy = await openProxy({ host, port: Number(port) })
  const cut = connectRedis(`redis://${host}:${proxy.port}`, silentLog)
  try {
    const [log, other] = [redisAuditLog(cut, key), redisAuditLog(connection, key)]
    await log.append(record('first'))
    const lost = proxy.cutAfter(1)
    const appending = log.append(record('lost'))
    await lost
    await other.append(record('other'))
    await appending
    await log.append(record('last'))
    const runs: string[] = []
    for await (const entry of other.read()) runs.push(entry.record.run)
    expect(runs).toEqual(['first', 'lost', 'other', 'last'])
    expect(await other.verify()).toEqual({ records: 4 })
  } finally {
    await cut.quit()
    await proxy.close()
  }
})

test('runs without a record of a kind are found however many records follow, reading back no further than their decisions', async () => {
  const log = redisAuditLog(connection, key)
  const ended = (run: string) => ({ ...record(run), what: 'ended' as const })
  await Promise.all([ended('new'), record('new'), record('old'), ended('old')].map(log.append))
  await Promise.all(Array.from({ length: 1_200 }, (_each, at) => log.append(record(`other${at}`))))
  expect(await log.runsWithout('ended', ['old', 'new', 'unheard of'])).toEqual(['new', 'unheard of'])
  expect(await log.runsWithout('decided', ['new', 'old'])).toEqual([])
  expect(await log.runsWithout('ended', [])).toEqual([])
})

/** Returns everything that is stored of the log, and a function that puts it back. */
async function rollbackPoint(): Promise<() => Promise<void>> {
  const keys = ['retina:audit', 'retina:audit-head']
  const values = await Promise.all(keys.map((each) => connection.dumpBuffer(each)))
  return async () => {
    for (const [at, each] of keys.entries()) {
      const value = values[at]
      if (value === undefined || value === null) await connection.del(each)
      else await connection.restore(each, 0, value, 'REPLACE')
    }
  }
}

async function runsOf(log: ReturnType<typeof redisAuditLog>): Promise<string[]> {
  const runs: string[] = []
  for await (const entry of log.read()) runs.push(entry.record.run)
  return runs
}

test('T33 a shorter chain with a head that somebody else wrote is detected, and nothing is appended to it', async () => {
  const log = await filled()
  const entries: AuditEntry[] = []
  for await (const entry of log.read()) entries.push(entry)
  await forge((all) => all.slice(0, 3))
  const { number, hash } = entries[2] ?? { number: 0, hash: '' }
  await connection.set('retina:audit-head', JSON.stringify({ number, hash, signature: 'x' }))
  const mistake = 'the head of the chain is not signed with this key'
  expect(await log.verify()).toEqual({ mistake })
  for (const each of [log, redisAuditLog(connection, key)])
    await expect(each.append(record('f'))).rejects.toThrow('its head is not signed with this key')
  expect(await runsOf(log)).toEqual(['a', 'b', 'c'])
})

test('T33 a chain that was changed in the middle takes no more records from a process that starts', async () => {
  await filled()
  await forge((all) => all.map((each, at) => (at === 1 ? { ...each, record: record('B') } : each)))
  await expect(redisAuditLog(connection, key).append(record('f'))).rejects.toThrow('record 2 was changed')
})

test('T33 an earlier whole state that was put back is noticed by a process that has seen more, which restores the rest', async () => {
  const alarms: string[] = []
  const log = redisAuditLog(connection, key, { alarm: (why) => void alarms.push(why) })
  for (const run of ['a', 'b']) await log.append(record(run))
  const rollBack = await rollbackPoint()
  for (const run of ['c', 'd']) await log.append(record(run))
  await rollBack()
  await log.append(record('e'))
  expect(await runsOf(log)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await log.verify()).toEqual({ records: 5 })
  expect(alarms).toEqual(['2 records were removed from the audit log in Redis; they are appended again'])
})

test('T33 what was removed is restored once, whichever process appends first', async () => {
  const [one, other] = [redisAuditLog(connection, key), redisAuditLog(connection, key)]
  await one.append(record('a'))
  const rollBack = await rollbackPoint()
  await other.append(record('b'))
  await one.append(record('c'))
  // The other process knows nothing of the last record.
  await rollBack()
  await other.append(record('d'))
  await one.append(record('e'))
  expect((await runsOf(one)).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await one.verify()).toEqual({ records: 5 })
})

test('T33 a log that was emptied is restored as far as a process remembers it', async () => {
  const log = await filled()
  await connection.del('retina:audit', 'retina:audit-head')
  await log.append(record('f'))
  expect(await runsOf(log)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(await log.verify()).toEqual({ records: 6 })
})

test('T33 a head that was logged shows that a whole chain is an earlier one', async () => {
  const heads: { number: number; hash: string }[] = []
  const log = redisAuditLog(connection, key, { onHead: (head) => void heads.push(head) })
  await log.append(record('a'))
  const rollBack = await rollbackPoint()
  await log.append(record('b'))
  const last = heads.at(-1)
  expect(await log.verify(last)).toEqual({ records: 2 })
  await rollBack()
  expect(await redisAuditLog(connection, key).verify()).toEqual({ records: 1 })
  expect(await redisAuditLog(connection, key).verify(last)).toEqual({
    mistake: 'record 2 with the given hash is missing',
  })
})

test('T44 a record that is to be written once is written once, by one of all processes, also after a rollback', async () => {
  const [one, other] = [redisAuditLog(connection, key), redisAuditLog(connection, key)]
  await one.append(record('a'))
  const rollBack = await rollbackPoint()
  const both = await Promise.all([one.appendOnce(record('b')), other.appendOnce(record('b'))])
  expect(both.toSorted()).toEqual([false, true])
  expect(await redisAuditLog(connection, key).appendOnce(record('b'))).toBe(false)
  await rollBack()
  expect(await other.appendOnce(record('b'))).toBe(false)
  expect(await one.appendOnce(record('c'))).toBe(true)
  expect(await runsOf(one)).toEqual(['a', 'b', 'c'])
})

test('many processes append at once to one whole chain', async () => {
  const logs = Array.from({ length: 5 }, () => redisAuditLog(connection, key))
  await Promise.all(
    logs.flatMap((log, at) => Array.from({ length: 20 }, (_each, number) => log.append(record(`${at}-${number}`)))),
  )
  expect(await logs[0]?.verify()).toEqual({ records: 100 })
})

const unreadable = [
  '',
  'a"number":3}',
  'null',
  '3',
  '[]',
  '{}',
  '{"number":3,"record":null,"before":"","hash":""}',
  '{"number":3,"record":{"what":"queued"},"before":"","hash":""}',
  '{"number":"3","record":{"what":"queued","run":"c"},"before":"","hash":""}',
  '{"number":3,"record":{"what":"queued","run":"c"},"before":"","hash":"","keyed":"yes"}',
]

test.each(unreadable)('T33 a record that can’t be read (%s) is a mistake, and hides no other record', async (text) => {
  await filled()
  const rows = await connection.xrange('retina:audit', '-', '+')
  await connection.del('retina:audit')
  for (const [at, [, fields]] of rows.entries())
    await connection.xadd('retina:audit', '*', 'entry', at === 2 ? text : (fields[1] ?? ''))
  const alarms: string[] = []
  const log = redisAuditLog(connection, key, { alarm: (why) => alarms.push(why) })
  expect(await log.verify()).toEqual({ mistake: 'record 3 can not be read' })
  const seen: string[] = []
  for await (const entry of log.read()) seen.push(entry.record.run)
  expect(seen).toEqual(['a', 'b', 'd', 'e'])
  expect(alarms).toEqual(['a record of the audit log can not be read; it is left out'])
  expect(await log.runsWithout('decided', ['a', 'c', 'e'])).toEqual(['c'])
  await expect(redisAuditLog(connection, key).append(record('f'))).rejects.toThrow('can not be read')
})

test.each(unreadable.filter((text) => text !== ''))('T33 a head that can’t be read (%s) is a mistake', async (text) => {
  const log = await filled()
  await connection.set('retina:audit-head', text)
  expect(await log.verify()).toEqual({ mistake: 'the head of the chain can not be read' })
  await expect(redisAuditLog(connection, key).append(record('f'))).rejects.toThrow(/head is not signed/)
})

/** Writes entries with plain hashes or, where the run's name is in capitals, with keyed ones. */
async function writeEntries(runs: readonly string[]): Promise<void> {
  const [plain, keyed] = [createAuditSigner(undefined), createAuditSigner(key)]
  let before = ''
  for (const [at, run] of runs.entries()) {
    const signer = run === run.toUpperCase() ? keyed : plain
    const entry = signer.entry({ number: at + 1, record: record(run), before })
    before = entry.hash
    await connection.xadd('retina:audit', '*', 'entry', JSON.stringify(entry))
  }
}

test.each([
  ['abCD', 'abCD'],
  ['abC', 'abC'],
  ['ab', 'ab'],
  ['ABc', 'AB'],
  ['aBcD', 'aBD'],
  ['aBcd', 'aB'],
])('T33 a plain hash counts only before the first keyed one, in both directions: %s', async (written, genuine) => {
  await writeEntries([...written])
  const log = redisAuditLog(connection, key)
  const [forward, back]: [string[], string[]] = [[], []]
  for await (const entry of log.read()) forward.push(entry.record.run)
  for await (const entry of log.readBack()) back.push(entry.record.run)
  expect([forward.join(''), back.toReversed().join('')]).toEqual([genuine, genuine])
  const lacking = await log.runsWithout('decided', [...written])
  expect(lacking.join('')).toBe([...written].filter((run) => !genuine.includes(run)).join(''))
})
