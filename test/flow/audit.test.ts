import { expect, test } from '@jest/globals'
import type { AuditEntry } from '#core/audit'
import { connectRedis } from '#src/queue/redis'
import { redisAudit } from '#src/store/audit'
import { fakeCluster } from '#test/fakes/cluster'
import { useRedis } from '#test/real/redis'
import { silentLog } from '#test/samples/run'
import { atEnd, openFlow, sealKey } from './house.ts'

const redis = useRedis()

async function open() {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const flow = await openFlow({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { ...flow, cluster, connection, log: redisAudit(connection, sealKey) }
}

async function entries(log: ReturnType<typeof redisAudit>): Promise<AuditEntry['record'][]> {
  const all: AuditEntry['record'][] = []
  for await (const { record } of log.read()) all.push(record)
  return all
}

test('a run leaves its records in order: decided, queued, started, ended; a refusal and a stranger leave theirs', async () => {
  const { people, shows, log } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  await people.command('U0CAROL', 'shell node001 dig example.com')
  await shows(/Nothing is granted/)
  await people.command('U0GUEST', 'shell node001 dig example.com')
  await shows(/Guests of this workspace/)
  const all = await entries(log)
  expect(all.map(({ what, person }) => [what, person])).toEqual([
    ['decided', 'alice@example.com'],
    ['queued', 'alice@example.com'],
    ['started', 'alice@example.com'],
    ['ended', 'alice@example.com'],
    ['decided', 'carol@example.com'],
    ['unknown-person', 'slack:user/T0HOME/U0GUEST'],
  ])
  expect(all[0]?.details).toMatchObject({
    decision: 'allow',
    set: 'probe',
    target: 'node/node001',
    command: 'dig example.com',
    channel: 'slack:channel/C0INCIDENT',
  })
  expect(all[3]?.details).toMatchObject({ reason: 'completed', exitCode: '0', complete: 'true' })
  expect(new Set(all.slice(0, 4).map(({ run }) => run)).size).toBe(1)
  expect(all[4]?.details).toMatchObject({ decision: 'deny', why: 'no-grant' })
  expect(await log.verify()).toEqual({ records: 6 })
})

test('T34 where the record can’t be written, nothing runs, and the person is told', async () => {
  const { people, shows, cluster, connection } = await open()
  // Redis takes everything but the audit log.
  await connection.del('retina:audit', 'retina:audit-head')
  await connection.set('retina:audit', 'not a stream')
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Something broke on our side while this was looked at; nothing was run/)
  expect(cluster.launched).toEqual([])
})
