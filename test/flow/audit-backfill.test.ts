import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { End } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
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
  const store = openStore(connection)
  const newest = async () => (await store.runsOf('alice@example.com', 1))[0]
  return {
    ...{ ...flow, newest },
    endings: async (id: string) =>
      (await auditRecords(connection, 'ended')).flatMap(({ run, details }) => (run === id ? [details] : [])),
    /** Ends the run as of two minutes ago, which makes another worker's sweep handle it. */
    async endedLongAgo(id: string, end: End) {
      const at = new Date(Date.now() - 120_000).toISOString()
      await store.changeRun(id, (now) => ({ ...now, state: 'ended', end: { ...end, at } }))
    },
    /** Starts another worker, whose sweep handles what the dead process left unfinished. */
    sweeping: () => {
      const timing = { sweepIntervalMs: 200, undeliveredSeenMs: 300 }
      return openApp({ ...options, slack: flow.slack, role: 'worker', timing })
    },
    delivered: (id: string) =>
      waitUntil('the delivery is stored', async () => (await store.run(id))?.toldAt !== undefined),
  }
}

type Late = Awaited<ReturnType<typeof open>>

/** Runs a command whose worker is killed right before or right after it records the run's end in the audit log. */
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

/** Creates a request whose bot is killed while it is being withdrawn. */
async function withdrawn(flow: Late): Promise<string> {
  await flow.people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await flow.shows(/Needs approval/)
  await waitUntil('the request is stored', async () => (await flow.newest())?.state === 'asking')
  const { id = '' } = (await flow.newest()) ?? {}
  await flow.endedLongAgo(id, { reason: 'canceled', at: '', message: 'withdrawn by Alice', complete: true })
  return id
}

test('each end of a run is in the audit log once, with the hash of the output, if its worker or bot was killed before or after recording it', async () => {
  const flow = await open()
  const [before, after, request] = [await killed(flow, 'before'), await killed(flow, 'after'), await withdrawn(flow)]
  await flow.sweeping()
  for (const pattern of [/Done, exit code 0.*before\.example/, /Done, exit code 0.*after\.example/, /Withdrawn/])
    await flow.shows(pattern)
  for (const id of [before, after, request]) await flow.delivered(id)
  const transcript = createHash('sha256').update('answer\n').digest('hex')
  for (const id of [before, after])
    expect(await flow.endings(id)).toEqual([{ reason: 'completed', complete: 'true', exitCode: '0', transcript }])
  expect(await flow.endings(request)).toEqual([{ reason: 'canceled', message: 'withdrawn by Alice' }])
})
