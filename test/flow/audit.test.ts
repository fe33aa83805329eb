import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { AuditEntry } from '#core/runs/audit-record'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { cli, cliHere } from '#test/cli/run-cli'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { configText, policyText, sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }
  const flow = await openApp(options)
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { ...flow, options, cluster, connection, log: redisAuditLog(connection, sealKey) }
}

test('a run has its audit records in order: decided, queued, started, ended; refusals of members and of strangers are recorded too', async () => {
  const { people, shows, log, connection } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  await people.command('U0CAROL', 'shell node001 dig example.com')
  await shows(/You have no grant/)
  await people.command('U0GUEST', 'shell node001 dig example.com')
  await shows(/Guests of this workspace/)
  // Leaves out the policy in force: it is recorded at startup, at a time that isn't fixed.
  const all = (await auditRecords(connection)).filter(({ what }) => what !== 'policy-changed')
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
  expect(await log.verify()).toEqual({ records: 7 })
})

test('T34 if the audit record can’t be written, nothing runs, and the person is told so', async () => {
  const { people, shows, cluster, connection } = await open()
  // Makes writes to the audit log fail, and no other writes to Redis.
  await connection.del('retina:audit', 'retina:audit-head')
  await connection.set('retina:audit', 'not a stream')
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Something went wrong on our side[\s\S]*Nothing was run\. Try again\./)
  expect(cluster.launched).toEqual([])
})

test('a change of the policy is in the audit log once, with both hashes', async () => {
  const { connection, file, options, slack } = await open()
  const changes = () => auditRecords(connection, 'policy-changed')
  await waitUntil('the first is recorded', async () => (await changes()).length === 1)
  writeFileSync(
    file,
    configText({ ...options, policy: policyText.replace('carol', 'dora').replace('alice', 'dora') }, slack),
  )
  await waitUntil('the change is recorded', async () => (await changes()).length === 2)
  const [first, second] = await changes()
  expect(second?.details['before']).toBe(first?.details['now'])
  expect(second?.details['now']).toMatch(/^[0-9a-f]{64}$/)
  await openApp({ ...options, slack, policy: policyText.replace('carol', 'dora').replace('alice', 'dora') })
  expect(await changes()).toHaveLength(2)
})

test('audit export: by person, target and run, as JSON lines and as a table; audit verify reports an intact chain', async () => {
  const { people, shows, file } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  await people.command('U0CAROL', 'shell node002 dig example.com')
  await shows(/You have no grant/)
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const exportBy = async (program: typeof cli, args: readonly string[]) => {
    const ended = await program(['audit', 'export', '--config', file, ...args], env)
    return ended.stdout.trimEnd().split('\n')
  }
  const exported = (...args: string[]) => exportBy(cliHere, args)
  const lines = await exportBy(cli, ['--target', 'node/node001'])
  const ofTarget = lines.map((line) => (JSON.parse(line) as AuditEntry).record)
  expect(ofTarget.map(({ what }) => what)).toEqual(['decided', 'queued', 'started', 'ended'])
  const ofRun = await exported('--run', ofTarget[0]?.run ?? '', '-o', 'csv')
  expect(ofRun).toHaveLength(5)
  expect(ofRun[0]).toBe('number,at,what,run,person,details,hash')
  expect(ofRun[1]).toMatch(/^"\d+","[^"]+","decided","\w+","alice@example\.com","\{""target"":""node\/node001""/)
  expect(await exported('--person', 'carol@example.com')).toHaveLength(1)
  expect(await exported('--since', '2999-01-01T00:00:00Z')).toEqual([''])
  const verified = await cli(['audit', 'verify', '--config', file], env)
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/is intact: \d records/) })
})
