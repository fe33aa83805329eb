import { Queue, Worker } from 'bullmq'
import { connectRedis } from '#src/queue/redis'
import { startFakeSlack } from '#test/fakes/slack/server'
import { until } from '#test/flow/until'
import { silentLog } from '#test/samples/run'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram } from './program.ts'

const runs = 1_000
const rounds = 3

/** Milliseconds a run, for a worker that has 1,000 of them waiting which end at once; beside it BullMQ with the same jobs and nothing to do. */
export async function benchThroughput(): Promise<Measure> {
  const own: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { ours, bullmq } = await one()
    own.push(ours / runs)
    bare.push(bullmq / runs)
    process.stderr.write(`throughput: round ${round + 1} of ${rounds}\n`)
  }
  return {
    name: 'one run of a worker that is never idle',
    own: figuresOf(own),
    peers: [{ what: 'BullMQ alone', figures: figuresOf(bare), target: 1.2 }],
    notes: { 'runs a second': Math.round(1_000 / (own.toSorted((a, b) => a - b)[1] ?? 1)) },
  }
}

async function one(): Promise<{ ours: number; bullmq: number }> {
  const settings = { cluster: 'name: dev', more: `limits: { perPerson: 10000, queue: ${runs * 2}, perNode: 1000 }` }
  const slack = await startFakeSlack()
  const bot = await openProgram(settings, { simulated: 'bot', slack })
  for (let at = 0; at < runs; at += 20) {
    const some = Array.from({ length: 20 }, (_each, more) => `shell n${at + more} dig host${at + more}.example`)
    await Promise.all(some.map((text) => bot.people.command('U0ALICE', text)))
  }
  await until('all are queued', () => slack.state.messages.length === runs, 60)
  const queued = connectRedis(bot.redis, silentLog)
  const jobs = await new Queue('retina-runs', { connection: queued, prefix: 'retina' }).getJobs([
    'prioritized',
    'waiting',
  ])
  const worker = await openProgram(settings, { simulated: 'worker', slack, redis: bot.redis })
  // Telling them goes at the platform's own pace, which isn't ours to measure.
  await until('all have ended', () => endings(worker.stderr()).length === runs, 120)
  const [first = 0, last = 0] = [endings(worker.stderr())[0], endings(worker.stderr()).at(-1)]
  const ours = last - first
  await worker.stop()
  const bullmq = await bareQueue(
    bot.redis,
    jobs.map(({ data }) => data as object),
  )
  queued.disconnect()
  await bot.stop()
  await slack.close()
  return { ours, bullmq }
}

/** When runs ended, by the program's own log. */
function endings(stderr: string): number[] {
  const lines = stderr.split('\n').filter((line) => line.includes('"run ended"'))
  return lines.map((line) => Date.parse((JSON.parse(line) as { time: string }).time))
}

/** Milliseconds until BullMQ has handed out and finished the same jobs. */
async function bareQueue(url: string, jobs: readonly object[]): Promise<number> {
  const connection = connectRedis(url, silentLog)
  const queue = new Queue('bare', { connection })
  const options = { attempts: 1, removeOnComplete: { age: 3_600, count: 5_000 } }
  await queue.addBulk(jobs.map((data, at) => ({ name: 'run', data, opts: { ...options, priority: at + 1 } })))
  const begun = performance.now()
  const { promise: done, resolve: finish } = Promise.withResolvers<void>()
  let left = jobs.length
  const worker = new Worker('bare', async () => undefined, { connection, concurrency: 20 })
  worker.on('completed', () => {
    left -= 1
    if (left === 0) finish()
  })
  await done
  const took = performance.now() - begun
  await worker.close()
  await queue.close()
  connection.disconnect()
  return took
}
