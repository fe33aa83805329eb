import { once } from 'node:events'
import { type BulkJobOptions, Queue } from 'bullmq'
import { type DebugDefaults, type DebugSpec, toDebugSpec } from '#core/runs/debug-spec'
import { connectRedis } from '#src/redis/connection'
import { startCli } from '#test/cli/run-cli'
import { openStore } from '#test/environment/store'
import { startFakeSlack } from '#test/fakes/slack/server'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'
import { deployedEnv } from './deployed.ts'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram } from './program.ts'

const runCount = 3_000

/**
 * Measures milliseconds per run of a worker with 3,000 queued runs whose tools end at once. Peers: BullMQ with the same jobs, which do
 * nothing, and which do as many writes as a run needs. Each is a separate process that has just started, on the same Redis.
 */
export async function benchThroughput(rounds: number): Promise<Measure> {
  const [own, bare, withWrites]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const took = await measureOnce()
    own.push(took.ours / runCount)
    bare.push(took.bare / runCount)
    withWrites.push(took.withWrites / runCount)
    process.stderr.write(`throughput: round ${round + 1} of ${rounds}\n`)
  }
  const figures = figuresOf(own)
  return {
    name: 'one run of a fully loaded worker',
    own: figures,
    peers: [
      { what: 'BullMQ alone', figures: figuresOf(bare), target: 1.2 },
      { what: 'BullMQ with the writes that a run needs', figures: figuresOf(withWrites) },
    ],
    notes: { 'runs per second': Math.round(1_000 / figures.median) },
  }
}

/** Resolves with the milliseconds of all runs, of the worker and of both peers. */
async function measureOnce(): Promise<{ ours: number; bare: number; withWrites: number }> {
  const settings = { cluster: 'name: dev', more: `limits: { queue: ${runCount * 2}, perNode: 1000, perCluster: 1000 }` }
  const slack = await startFakeSlack()
  const bot = await openProgram(settings, { simulated: 'bot', slack })
  const redis = connectRedis(bot.redis, silentLog)
  const jobs = await queueMany(bot, redis)
  const worker = await openProgram(settings, { simulated: 'worker', slack, redis: bot.redis })
  // Delivery of the results is limited by the chat platform's rate limits, and isn't measured.
  await waitUntil('all have ended', () => worker.stderr().split('"run ended"').length > runCount, { seconds: 120 })
  const lines = worker.stderr().split('\n')
  const times = lines.filter((line) => line.includes('"run ended"')).map(timeOf)
  const ours = (times.at(-1) ?? 0) - (times[0] ?? 0)
  await worker.stop()
  const bare = await bareQueue(redis, bot.redis, jobs, 'nothing')
  const withWrites = await bareQueue(redis, bot.redis, jobs, 'writes')
  redis.disconnect()
  await bot.stop()
  await slack.close()
  return { ours, bare, withWrites }
}

type Redis = ReturnType<typeof connectRedis>
type Jobs = readonly { name: string; data: { id: string }; opts: BulkJobOptions }[]

/** Returns the defaults from which a spec was made. */
function toDefaults({ image, namespace, startTimeout, deadline, maxOutputBytes, masked }: DebugSpec): DebugDefaults {
  return { image, namespace, startTimeout, deadline, maxOutputBytes, masked }
}

/** Queues one command through the bot, and signed copies of its run for other nodes. */
async function queueMany(bot: Awaited<ReturnType<typeof openProgram>>, redis: Redis): Promise<Jobs> {
  await bot.people.command('U0ALICE', 'shell n0 dig example.com')
  const queue = new Queue<{ id: string }>('retina-runs', { connection: redis, prefix: 'retina' })
  await waitUntil('it is queued', async () => (await queue.getJobCountByTypes('prioritized')) === 1)
  const [job] = await queue.getJobs('prioritized')
  const store = openStore(redis)
  const first = await store.run(job?.data.id ?? '')
  if (job === undefined || first === undefined) throw new Error('no job')
  const copies = Array.from({ length: runCount - 1 }, (_each, at) => {
    const [id, node] = [`copy${String(at).padStart(8, '0')}`, `n${(at + 1) % 1_000}`]
    const { request, spec } = first
    const target = { ...request.target, name: node }
    const facts = { ...request.facts, uid: `uid-${node}`, node }
    const own = { ...request, id, target, facts }
    return { ...first, id, request: own, spec: toDebugSpec(own, toDefaults(spec), spec.deadline) }
  })
  await Promise.all(copies.map(store.addRun))
  const all = [first, ...copies].map(({ id }, at) => ({
    ...{ name: 'run', data: { id } },
    opts: { ...job.opts, jobId: id, priority: at + 1 } satisfies BulkJobOptions,
  }))
  for (let at = 1; at < runCount; at += 500) await queue.addBulk(all.slice(at, Math.min(runCount, at + 500)))
  await queue.close()
  return all
}

function timeOf(line: string): number {
  return Date.parse((JSON.parse(line) as { time: string }).time)
}

/** Resolves with the milliseconds from the first job that BullMQ completed to the last. */
async function bareQueue(redis: Redis, url: string, jobs: Jobs, mode: 'nothing' | 'writes'): Promise<number> {
  const queue = new Queue('bare', { connection: redis })
  for (let at = 0; at < jobs.length; at += 500) await queue.addBulk(jobs.slice(at, at + 500))
  const worker = startCli([url, String(jobs.length), mode], deployedEnv(), `${import.meta.dirname}/bare-queue.ts`)
  await waitUntil('all jobs are done', () => worker.stdout().includes('took'), { seconds: 120 })
  worker.child.kill('SIGKILL')
  await once(worker.child, 'exit')
  await queue.obliterate({ force: true })
  await queue.close()
  return (JSON.parse(worker.stdout()) as { took: number }).took
}
