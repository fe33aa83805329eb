import { afterEach, expect, test } from '@jest/globals'
import { Queue } from 'bullmq'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type AppOptions, atEnd, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const RealDate = Date
afterEach(() => {
  globalThis.Date = RealDate
})

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], ping: () => [{ pause: 60_000 }] })
  const settings = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }
  const options = { ...settings, role: 'bot' as const, ...change }
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { ...(await openApp(options)), cluster, options, connection, store: openStore(connection) }
}

test('T27 ten thousand queued runs of one person for a node: another person’s run shows its position, and is next', async () => {
  const { people, shows, store, slack, options, cluster, connection } = await open({
    more: 'limits: { queue: 20000, workerConcurrency: 4, perNode: 2 }',
  })
  await people.command('U0ALICE', 'shell node001 dig first.example')
  await shows(/Queued: dig first/)
  const queue = new Queue<{ id: string }>('retina-runs', { connection, prefix: 'retina' })
  await waitUntil('it is queued', async () => (await queue.getJobCountByTypes('prioritized')) === 1)
  const [job] = await queue.getJobs('prioritized')
  const run = await store.run(job?.data.id ?? '')
  if (job === undefined || run === undefined) throw new Error('no job')
  const copies = Array.from({ length: 10_000 }, (_each, at) => {
    const id = `many${String(at).padStart(8, '0')}`
    // As one fan-out, they share a single message, so that the fake Slack isn't what is measured.
    return { ...run, id, request: { ...run.request, id }, fanOut: 'many' }
  })
  await Promise.all(copies.map(store.addRun))
  await queue.addBulk(
    copies.map(({ id }, at) => ({ name: 'run', data: { id }, opts: { ...job.opts, jobId: id, priority: at + 2 } })),
  )
  await people.command('U0BOB', 'shell node001 dig other.example')
  expect(shown(await shows(/Queued: dig other/))).toContain('One run is ahead of it.')
  const worker = await openApp({ ...options, slack, role: 'worker' })
  await shows(/Done, exit code 0.*dig other/)
  const order = cluster.launched.map(({ id }) => id)
  const others = order.findIndex((id) => id !== job.data.id && !id.startsWith('many'))
  expect(others).toBeGreaterThanOrEqual(0)
  // A node runs two at a time.
  expect(others).toBeLessThan(3)
  await queue.close()
  await worker.end()
})

test('a run whose node is busy shows that and its position, and then its output in the same message', async () => {
  const { people, shows, cluster } = await open({
    role: 'all',
    more: 'limits: { perNode: 1 }',
    timing: { waitingFirstMs: 300, waitingEditMs: 300 },
  })
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Running.*ping/)
  await people.command('U0ALICE', 'shell node001 dig one.example')
  await people.command('U0ALICE', 'shell node001 dig two.example')
  await people.command('U0BOB', 'shell node002 dig elsewhere.example')
  await shows(/Done, exit code 0.*elsewhere/)
  expect(shown(await shows(/Queued: dig one[\s\S]*Its node is at its limit of concurrent runs/))).toContain(
    'it is next.',
  )
  expect(shown(await shows(/Queued: dig two[\s\S]*Its node is at its limit of concurrent runs/))).toContain(
    'one run is ahead of it',
  )
  await people.command('U0ALICE', `cancel ${cluster.launched[0]?.id}`)
  await shows(/Done, exit code 0.*dig one/)
  await shows(/Done, exit code 0.*dig two/)
})

test('T27 a channel has a rate limit for all people together: it is posted once, and other channels aren’t affected', async () => {
  const { people, shows, slack, store } = await open({ more: 'limits: { perChannel: 4 }' })
  for (const name of ['one', 'two', 'three']) await people.command('U0ALICE', `shell node001 dig ${name}.example`)
  await shows(/Queued: dig three/)
  for (const name of ['four', 'five', 'six']) await people.command('U0BOB', `shell node001 dig ${name}.example`)
  await shows(/Queued: dig four/)
  await people.command('U0ALICE', 'shell node001 dig seven.example')
  const warnings = () =>
    slack.state.messages.filter((each) => shown(each).includes('More than 4 commands came from this'))
  await waitUntil('the limit is posted', () => warnings().length > 0)
  await people.command('U0BOB', 'shell node001 dig elsewhere.example', 'C0OTHER')
  await shows(/Queued: dig elsewhere/)
  await waitUntil('the run is stored', async () => (await store.runsOf('bob@example.com', 10)).length > 1)
  expect(warnings()).toHaveLength(1)
  expect(await store.runsOf('bob@example.com', 10)).toHaveLength(2)
  expect(await store.runsOf('alice@example.com', 10)).toHaveLength(3)
})

test('a worker whose clock is ten minutes ahead runs what was queued, and doesn’t end it as expired', async () => {
  const { people, shows, options, slack } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await people.command('U0BOB', 'shell node001 dig other.example')
  await shows(/Queued: dig other/)
  globalThis.Date = class extends RealDate {
    constructor(...given: ConstructorParameters<typeof RealDate> | []) {
      if (given.length === 0) super(RealDate.now() + 600_000)
      else super(...given)
    }
    static override now() {
      return RealDate.now() + 600_000
    }
  } as typeof Date
  await openApp({ ...options, slack, role: 'worker' })
  await shows(/Done, exit code 0.*dig example/)
  await shows(/Done, exit code 0.*dig other/)
})
