import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { chainStart } from '#core/runs/audit-record'
import { canonicalJson } from '#core/util/canonical-json'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { type AppOptions, atEnd, openApp } from '#test/flow/app'
import { sealKey } from '#test/flow/settings'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

// The attacker of these tests can read and write everything in Redis, and has no key of the program.

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: ['*'] }
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write }
grants: [{ to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }] }]`

async function open(options: Partial<AppOptions> = {}) {
  await redis.empty()
  const answers = { dig: () => [{ out: 'answer 192.0.2.1\n' }], rm: () => [{ out: 'removed\n' }] }
  const cluster = fakeCluster('dev', answers)
  const app = await openApp({
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    policy,
    ...options,
  })
  const attacker = connectRedis(redis.url(), silentLog)
  atEnd(async () => attacker.disconnect())
  return { ...app, cluster, attacker }
}

type Opened = Awaited<ReturnType<typeof open>>

/** Runs `dig one.example` as Alice, and returns the run's id once its result is shown and saved as delivered. */
async function completedRun({ people, shows, attacker }: Opened): Promise<string> {
  await people.command('U0ALICE', 'shell node001 dig one.example')
  const id = buttonsOf(await shows(/Done, exit code 0.*one\.example/))['rerun'] ?? ''
  await waitUntil('the result is delivered', async () => !(await attacker.sismember('retina:open-runs', id)))
  return id
}

const launchedTools = ({ cluster }: Opened) => cluster.launched.map(({ spec }) => spec.pipeline[0]?.join(' '))

function expectAlarm({ logs }: Opened): Promise<void> {
  return waitUntil('an alarm is logged', () => logs.some((line) => line.includes('ALARM')))
}

/** Replaces a piece of text in every string and hash of Redis whose key contains `name`. */
async function replaceStored(attacker: Redis, name: string, from: string, to: string): Promise<number> {
  let replaced = 0
  for (const key of await attacker.keys(`*${name}*`)) {
    const type = await attacker.type(key)
    if (type === 'string') {
      const text = (await attacker.get(key)) ?? ''
      if (text.includes(from)) await attacker.set(key, text.replaceAll(from, to), 'KEEPTTL')
      replaced += text.includes(from) ? 1 : 0
    }
    if (type === 'hash')
      for (const [field, text] of Object.entries(await attacker.hgetall(key)))
        if (text.includes(from)) {
          await attacker.hset(key, field, text.replaceAll(from, to))
          replaced += 1
        }
  }
  return replaced
}

test('T44 a changed target of a thread is not used: neither as a target nor as flags', async () => {
  const app = await open()
  const message = await (async () => {
    await completedRun(app)
    return app.shows(/Done, exit code 0.*one\.example/)
  })()
  const keys = await app.attacker.keys('*thread*')
  expect(keys).toHaveLength(1)
  for (const value of ['-w node/node002 rm -rf /host/etc #', '{"kind":"node","name":"node002","cluster":"dev"}'])
    for (const key of keys) {
      await app.attacker.set(key, value)
      await app.people.event(app.people.mentionBody('U0ALICE', 'dig +short two.example', { thread_ts: message.ts }))
      await waitUntil('it is answered', () =>
        app.slack.state.messages.some((each) => /two\.example|target/i.test(shown(each))),
      )
    }
  await expectAlarm(app)
  expect(launchedTools(app)).toEqual(['dig one.example'])
})

test('T44 a command that was changed in a stored run is not repeated', async () => {
  const app = await open()
  const id = await completedRun(app)
  expect(
    await replaceStored(app.attacker, `run:${id}`, 'shell node001 dig one.example', 'shell -w node001 rm /host/x'),
  ).toBe(1)
  await app.people.command('U0ALICE', `rerun ${id}`)
  await app.shows(/changed|no run/i)
  await expectAlarm(app)
  expect(launchedTools(app)).toEqual(['dig one.example'])
})

test('T44 a command that was changed in a stored fan-out is not repeated, and its message is not edited elsewhere', async () => {
  const app = await open()
  await app.people.command('U0ALICE', 'shell nodes -l pool=web dig one.example')
  await app.shows(/Done on 1/)
  const [key = ''] = (await app.attacker.keys('*fan-out:*')).filter((each) => !/shown|pace|claim|outcome/.test(each))
  const id = key.split(':').at(-1) ?? ''
  expect(
    await replaceStored(app.attacker, 'fan-out', 'nodes -l pool=web dig one.example', '-w node001 rm /host/x'),
  ).toBeGreaterThan(0)
  await app.people.command('U0ALICE', `rerun ${id}`)
  await app.shows(/changed|no run/i)
  await expectAlarm(app)
  expect(launchedTools(app)).toEqual(['dig one.example'])
})

test('T44 an output that was changed in the store is not shown as what the tool wrote', async () => {
  const app = await open()
  const id = await completedRun(app)
  expect(await replaceStored(app.attacker, `transcript:{${id}}`, 'answer 192.0.2.1', 'answer 192.0.2.9')).toBe(1)
  await app.people.command('U0ALICE', `output ${id}`)
  const page = await app.shows(/differs from what was recorded/)
  expect(shown(page)).toContain('192.0.2.9')
  await app.people.command('U0ALICE', `show ${id}`)
  await waitUntil(
    'it is shown with that note',
    () => app.slack.state.messages.filter((each) => /differs from what was recorded/.test(shown(each))).length >= 2,
  )
  await expectAlarm(app)
})

test('T44 an earlier state of a run that was put back is not executed again', async () => {
  const app = await open({ role: 'bot' })
  await app.people.command('U0ALICE', 'shell node001 dig one.example')
  await app.shows(/Queued/)
  await waitUntil('the run is stored', async () => (await app.attacker.keys('retina:run:*')).length === 1)
  const [key = ''] = await app.attacker.keys('retina:run:*')
  const id = key.split(':').at(-1) ?? ''
  const queue = new Queue('retina-runs', { connection: app.attacker, prefix: 'retina' })
  await waitUntil('its job is queued', async () => (await queue.getJob(id)) !== undefined)
  const queued = (await app.attacker.get(key)) ?? ''
  const data = (await queue.getJob(id))?.data
  const worker = await openApp({
    ...{
      redis: redis.url(),
      cluster: 'name: dev',
      openCluster: () => app.cluster,
      policy,
      slack: app.slack,
      role: 'worker',
    },
  })
  await app.shows(/Done, exit code 0/)
  await waitUntil('the result is delivered', async () => !(await app.attacker.sismember('retina:open-runs', id)))
  await app.attacker.set(key, queued)
  await (await queue.getJob(id))?.remove()
  await queue.add('run', data, { jobId: id })
  await waitUntil('the job is taken', async () =>
    ['completed', 'failed'].includes((await (await queue.getJob(id))?.getState()) ?? ''),
  )
  await expectAlarm({ ...app, logs: worker.logs })
  expect(app.cluster.launched).toHaveLength(1)
})

test('T33 a rewritten audit chain is found, also after further records', async () => {
  const app = await open()
  await completedRun(app)
  const entries = await app.attacker.xrange('retina:audit', '-', '+')
  const records = entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}').record)
  const rewritten = records.filter(({ what }) => what !== 'started')
  await app.attacker.del('retina:audit')
  let before = chainStart
  for (const [at, record] of rewritten.entries()) {
    const hash = createHash('sha256')
      .update(`${at + 1}\n${before}\n${canonicalJson(record)}`)
      .digest('hex')
    await app.attacker.xadd('retina:audit', '*', 'entry', JSON.stringify({ number: at + 1, record, before, hash }))
    before = hash
  }
  await app.attacker.set(
    'retina:audit-head',
    JSON.stringify({ number: rewritten.length, hash: before, signature: 'x' }),
  )
  await app.people.command('U0ALICE', 'shell node001 dig two.example')
  await expectAlarm(app)
  expect(await redisAuditLog(app.attacker, sealKey).verify()).toHaveProperty('mistake')
  expect(launchedTools(app)).not.toContain('dig two.example')
})
