import { Worker } from 'bullmq'
import type { Run } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { silentLog } from '#test/samples/run'

// Peer of the throughput benchmark: BullMQ alone, with the same runs as jobs. Jobs do nothing, or (third argument `writes`) as many writes
// as a run needs: plain commands, each awaited if the next one must come after it. Nothing is read, checked, signed, chained, logged or
// delivered.

const [url = '', jobCount = '0', mode = ''] = process.argv.slice(2)
const redis = connectRedis(url, silentLog)

async function writes(run: Run): Promise<void> {
  const [record, output] = [JSON.stringify(run), 'answer\n']
  const audit = (what: string) => redis.xadd('bare:audit', '*', 'entry', JSON.stringify({ what, id: run.id }))
  await redis.zadd('bare:places', Date.now(), run.id)
  await redis.set(`bare:run:${run.id}`, record, 'EX', 3_600)
  await audit('started')
  await redis.set(`bare:transcript:${run.id}`, output, 'EX', 3_600)
  await redis.set(`bare:run:${run.id}`, record, 'EX', 3_600)
  await audit('ended')
  await redis.zrem('bare:places', run.id)
}

let [first, last, ended] = [0, 0, 0]
const work = mode === 'writes' ? ({ data }: { data: Run }) => writes(data) : async () => undefined
const worker = new Worker<Run>('bare', work, { connection: redis, concurrency: 20, autorun: false })
worker.on('completed', () => {
  last = performance.now()
  if (ended === 0) first = last
  ended += 1
  if (ended === Number(jobCount)) console.log(JSON.stringify({ took: last - first }))
})
await worker.run()
