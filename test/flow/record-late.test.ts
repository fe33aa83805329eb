import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { End } from '#core/run'
import { connectRedis } from '#src/queue/redis'
import { redisStore } from '#src/store/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { useRedis } from '#test/real/redis'
import { silentLog } from '#test/samples/run'
import { atEnd, openFlow } from './house.ts'
import { onRecord } from './on-record.ts'
import { until } from './until.ts'
import { openKillable } from './use-killable.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [dig] }
  asked: { tools: [ping], approval: { from: [bob@example.com] } }
grants: [{ to: [alice@example.com], sets: [probe, asked], on: [{ nodes: '*' }] }]`

async function open() {
  await redis.empty()
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => fakeCluster('dev', {}), policy }
  const flow = await openFlow({ ...options, role: 'bot' })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = redisStore(connection)
  const run = async () => (await store.runsOf('alice@example.com', 1))[0]
  const endings = async () => (await onRecord(connection, 'ended')).map(({ details }) => details)
  return {
    ...{ ...flow, run, endings },
    /** As if it had been so for two minutes: then another worker looks after it. */
    async change(end: End) {
      const at = new Date(Date.now() - 120_000).toISOString()
      await store.changeRun((await run())?.id ?? '', (now) => ({ ...now, state: 'ended', end: { ...end, at } }))
    },
    /** Another worker, which looks after what was left behind as soon as it starts. */
    sweeping: () => openFlow({ ...options, slack: flow.slack, role: 'worker' }),
    told: () => until('that it was told is noted', async () => (await run())?.toldAt !== undefined, 30),
  }
}

test.each([
  { when: 'before', records: 0 },
  { when: 'after', records: 1 },
] as const)(
  'the ending of a run whose worker was killed $when it was on record stands there once, with the hash of its output',
  async ({ when, records }) => {
    const flow = await open()
    const { people, shows, run, endings, change, sweeping, told } = flow
    const worker = await openKillable(flow, redis.url(), `${when}:record the ending`, 'worker')
    await people.command('U0ALICE', 'shell node001 dig example.com')
    await worker.dead()
    const end = (await run())?.end
    if (end === undefined) throw new Error('it has not ended')
    expect(await endings()).toHaveLength(records)
    await change(end)
    await sweeping()
    await shows(/Done, exit code 0/, 30)
    await told()
    const transcript = createHash('sha256').update('answer\n').digest('hex')
    expect(await endings()).toEqual([{ reason: 'completed', complete: 'true', exitCode: '0', transcript }])
  },
  90_000,
)

test('a withdrawal whose bot was killed before it was on record is put there', async () => {
  const { people, shows, run, endings, change, sweeping, told } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Asks for approval/)
  await until('the request is kept', async () => (await run())?.state === 'asking')
  await change({ reason: 'canceled', at: '', message: 'withdrawn by Alice', complete: true })
  await sweeping()
  await shows(/Withdrawn/, 30)
  await told()
  expect(await endings()).toEqual([{ reason: 'canceled', message: 'withdrawn by Alice' }])
}, 90_000)
