import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { End } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { redisRunStore } from '#src/redis/store/run-store'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { useKillables } from './killable-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const openKillable = useKillables(2)

const policy = `
capabilitySets:
  probe: { tools: [dig] }
  asked: { tools: [ping], approval: { from: [bob@example.com] } }
grants: [{ to: [alice@example.com], sets: [probe, asked], on: [{ nodes: '*' }] }]`

async function open() {
  await redis.empty()
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => fakeCluster('dev', {}), policy }
  const flow = await openApp({ ...options, role: 'bot' })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = redisRunStore(connection)
  const newest = async () => (await store.runsOf('alice@example.com', 1))[0]
  return {
    ...{ ...flow, newest },
    endings: async (id: string) =>
      (await auditRecords(connection, 'ended')).flatMap(({ run, details }) => (run === id ? [details] : [])),
    /** As if it had ended two minutes ago: then another worker looks after it. */
    async endedLongAgo(id: string, end: End) {
      const at = new Date(Date.now() - 120_000).toISOString()
      await store.changeRun(id, (now) => ({ ...now, state: 'ended', end: { ...end, at } }))
    },
    /** Another worker, which looks after what was left behind. */
    sweeping: () => {
      const timing = { sweepIntervalMs: 200, untoldSeenMs: 300 }
      return openApp({ ...options, slack: flow.slack, role: 'worker', timing })
    },
    told: (id: string) =>
      waitUntil('that it was told is noted', async () => (await store.run(id))?.toldAt !== undefined, 30),
  }
}

type Late = Awaited<ReturnType<typeof open>>

/** A run whose worker is killed right before or right after its ending is put on record. */
async function killed(flow: Late, when: 'before' | 'after'): Promise<string> {
  const worker = await openKillable(flow, redis.url(), `${when}:audit-end`, 'worker')
  await flow.people.command('U0ALICE', `shell node001 dig ${when}.example`)
  await worker.dead()
  const run = await flow.newest()
  if (run?.end === undefined) throw new Error('it has not ended')
  expect([when, (await flow.endings(run.id)).length]).toEqual([when, when === 'before' ? 0 : 1])
  await flow.endedLongAgo(run.id, run.end)
  return run.id
}

/** A request whose bot was killed over its withdrawal. */
async function withdrawn(flow: Late): Promise<string> {
  await flow.people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await flow.shows(/Needs approval/)
  await waitUntil('the request is kept', async () => (await flow.newest())?.state === 'asking')
  const { id = '' } = (await flow.newest()) ?? {}
  await flow.endedLongAgo(id, { reason: 'canceled', at: '', message: 'withdrawn by Alice', complete: true })
  return id
}

test('endings whose worker or bot was killed before or after they were on record stand there once, with the hash of the output', async () => {
  const flow = await open()
  const [before, after, request] = [await killed(flow, 'before'), await killed(flow, 'after'), await withdrawn(flow)]
  await flow.sweeping()
  for (const words of [/Done, exit code 0.*before\.example/, /Done, exit code 0.*after\.example/, /Withdrawn/])
    await flow.shows(words, 30)
  for (const id of [before, after, request]) await flow.told(id)
  const transcript = createHash('sha256').update('answer\n').digest('hex')
  for (const id of [before, after])
    expect(await flow.endings(id)).toEqual([{ reason: 'completed', complete: 'true', exitCode: '0', transcript }])
  expect(await flow.endings(request)).toEqual([{ reason: 'canceled', message: 'withdrawn by Alice' }])
}, 120_000)
