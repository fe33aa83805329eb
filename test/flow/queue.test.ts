import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue } from '#src/redis/queue/run-queue'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type AppOptions, atEnd, openApp } from './app.ts'
import { policyText } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const more = 'limits: { queue: 1 }'

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], cat: () => [{ out: 'content\n' }] })
  const options = {
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    role: 'bot' as const,
    ...change,
  }
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return {
    ...{ ...(await openApp(options)), cluster, options, connection, store: openStore(connection) },
    /** Waits until the queue has the job; the message shows "Queued" a moment earlier. */
    inQueue: () =>
      waitUntil('it is in the queue', async () => (await connection.zcard('retina:retina-runs:prioritized')) === 1),
  }
}

test('T27 a full queue ends the run: its message and `show` have the reason', async () => {
  const { people, shows, store, inQueue } = await open({ more })
  await people.command('U0ALICE', 'shell node001 dig first.example')
  await shows(/Queued[\s\S]*dig first/)
  await inQueue()
  await people.command('U0ALICE', 'shell node001 dig second.example')
  expect(shown(await shows(/^:x: Refused[\s\S]*dig second/))).toContain('The queue is full: too many runs are waiting.')
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  expect(run).toMatchObject({ state: 'ended', end: { reason: 'refused' } })
  await people.command('U0ALICE', `show ${run?.id}`, 'C0OTHER')
  await shows(/^:x: Refused[\s\S]*dig second/)
})

test('a queued run shows why: no worker is running, or others are before it', async () => {
  const { people, shows, inQueue } = await open()
  await people.command('U0ALICE', 'shell node001 dig first.example')
  expect(shown(await shows(/Queued[\s\S]*dig first/))).toContain('Hint: No worker is running.')
  await inQueue()
  const { promise: enough, resolve: release } = Promise.withResolvers<void>()
  const cluster = fakeCluster('dev', { dig: () => [{ until: enough }] })
  const busy = await open({ role: 'all', more: 'limits: { workerConcurrency: 1 }', openCluster: () => cluster })
  for (const name of ['one', 'two', 'three', 'four']) {
    await busy.people.command('U0ALICE', `shell node001 dig ${name}.example`)
    await busy.shows(new RegExp(`dig ${name}`))
    if (name === 'one') await waitUntil('it runs', () => cluster.launched.length === 1)
  }
  expect(shown(await busy.shows(/Queued: dig two/))).not.toContain('before it')
  expect(shown(await busy.shows(/Queued: dig three/))).toContain('One run is ahead of it.')
  expect(shown(await busy.shows(/Queued: dig four/))).toContain('2 runs are ahead of it.')
  release()
})

test('a bot that stops queues acknowledged commands first', async () => {
  const { people, shows, stop, options, slack } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await stop()
  await openApp({ ...options, slack, role: 'worker' })
  expect(shown(await shows(/Done, exit code 0/))).toContain('dig example.com')
})

test('a full queue ends an approved run too', async () => {
  const policy = policyText.replace(
    'grants:',
    "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }",
  )
  const { people, shows, store, inQueue } = await open({ more, policy })
  await people.command('U0ALICE', 'shell -w node001 cat /host/x')
  await shows(/Needs approval: cat/)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  await people.command('U0ALICE', 'shell node001 dig first.example')
  await shows(/Queued[\s\S]*dig first/)
  await inQueue()
  await people.command('U0BOB', `approve ${run?.id}`)
  expect(shown(await shows(/^:x: Refused[\s\S]*cat/))).toContain('The queue is full')
  expect((await store.run(run?.id ?? ''))?.state).toBe('ended')
})

test('a run whose job was lost is ended, and its message updated, not shown as queued for ever', async () => {
  const { people, shows, store, connection, options, slack, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  const id = run?.id ?? ''
  // Removes the job, as if the bot had died between saving the run and queueing it.
  await waitUntil('its job is gone', () =>
    bullmqRunQueue(connection, {
      limit: 1,
      slots: redisConcurrencySlots(connection, { perNode: 4, perCluster: 100 }),
    }).remove(id),
  )
  const queuedAt = new Date(Date.now() - 400_000).toISOString()
  await store.changeRun(id, (saved) => ({ ...saved, queuedAt }))
  await openApp({ ...options, slack, role: 'worker' })
  expect(shown(await shows(/Expired/))).toContain('No worker took it within five minutes, so it was not started')
  expect(cluster.launched).toEqual([])
})
