import { expect, test } from '@jest/globals'
import type { Cluster, DebugProcess } from '#core/ports/cluster'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

/** Wraps the cluster for a worker that hangs after `after` chunks of output, until `resume` resolves. */
function hangingCluster(cluster: Cluster, after: number, resume: Promise<void>): Cluster {
  const hangAfterChunks = (process: DebugProcess): DebugProcess => {
    async function* output() {
      let left = after
      for await (const chunk of process.output) {
        yield chunk
        left -= 1
        if (left === 0) await resume
      }
    }
    return { ...process, output: output() }
  }
  return { ...cluster, launch: (run, signal) => hangAfterChunks(cluster.launch(run, signal)) }
}

/** Starts a run whose worker hangs after "one" and half a line; the queue then considers that worker dead. */
async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', {
    ping: () => [
      ...[{ out: 'one\n' }, { out: 'pass' }, { pause: 200 }, { out: 'word=hunter2\n' }, { err: 'oops\n' }],
      ...[{ pause: 200 }, { out: 'last' }],
    ],
  })
  const { promise: resume, resolve: wakeUp } = Promise.withResolvers<void>()
  // The queue needs two checks to find a run without a lock and to consider its worker dead.
  const timing = { stalledIntervalMs: 300 }
  const options = { redis: redis.url(), cluster: 'name: dev', more: 'limits: { workerConcurrency: 1 }', timing }
  const hanging = await openApp({ ...options, openCluster: () => hangingCluster(cluster, 2, resume) })
  atEnd(async () => wakeUp())
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = openStore(connection)
  await hanging.people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await waitUntil('it runs', () => cluster.launched.length === 1)
  const id = cluster.launched[0]?.id ?? ''
  const half = async () => (await connection.hget(`retina:transcript:{${id}}:state`, 'checkpoint'))?.includes('"pass"')
  await waitUntil('the output is stored', async () => (await half()) === true)
  await connection.del(`retina:retina-runs:${id}:lock`)
  const takeOver = () => openApp({ ...options, slack: hanging.slack, role: 'worker', openCluster: () => cluster })
  const endings = async () => (await auditRecords(connection, 'ended')).map(({ details }) => details['reason'])
  return { ...hanging, cluster, store, id, wakeUp, takeOver, endings }
}

test('T21 a worker that hangs is replaced: the next one continues in the middle of a line, and the first one writes nothing more', async () => {
  const { cluster, shows, store, id, wakeUp, takeOver, endings, logs } = await open()
  await takeOver()
  const text = 'one\npassword=[redacted: password]\noops\nlast'
  const root = await shows(/Done, exit code 0/)
  const ended = shown(root)
  expect(ended).toContain(text)
  // The next worker goes on with the message that the first one posted in the thread.
  expect(root.replies).toHaveLength(1)
  expect(ended).not.toContain('incomplete')
  wakeUp()
  await waitUntil('the first one has noticed', () =>
    logs.some((line) => line.includes('another worker stores the output of this run now')),
  )
  expect(await store.transcript(id, 1_000)).toBe(text)
  expect(await endings()).toEqual(['completed'])
  expect(cluster.launched).toHaveLength(1)
  expect(shown(await shows(/ping/))).toMatch(/Done, exit code 0/)
  expect(root.replies).toHaveLength(1)
})

test('T21 a run whose worker hangs and whose pod is gone: its output so far is shown and stored, and marked where it was cut', async () => {
  const { cluster, shows, store, id, wakeUp, takeOver, endings, logs } = await open()
  cluster.live.delete(id)
  await takeOver()
  const ended = shown(await shows(/Lost/))
  expect(ended).toContain('one\npass')
  expect(ended).toContain('cut off there; the tool may have written more')
  expect(await store.transcript(id, 1_000)).toBe('one\npass')
  wakeUp()
  await waitUntil('the first one has noticed', () =>
    logs.some((line) => line.includes('another worker stores the output of this run now')),
  )
  expect(await store.transcript(id, 1_000)).toBe('one\npass')
  expect(await endings()).toEqual(['lost'])
})
