import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { AuditEntry } from '#core/runs/audit-record'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
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
    /record 2 is missing: 3 stands in its place/,
  ],
  ['the tail cut', (all) => all.slice(0, 3), /ends at record 3, and its signed head is record 5/],
  ['everything gone', () => [], /ends at record 0, and its signed head is record 5/],
  ['a record added', (all) => [...all, ...all.slice(-1)], /record 6 is missing: 5 stands in its place/],
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
}, 30_000)

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
