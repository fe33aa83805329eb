import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { redisClock } from '#src/redis/clock'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisInbox } from '#src/redis/inbox/inbox'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue, bullmqRunWorker } from '#src/redis/queue/run-queue'
import { redisTerminalBus } from '#src/redis/session-change-bus'
import { redisArtifactStore } from '#src/redis/store/artifact-store'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { redisRecordingLog } from '#src/redis/store/recording-write-ahead-log'
import { redisRunStore } from '#src/redis/store/run-store'
import { redisSessionStore } from '#src/redis/store/session-store'
import { artifactsContract } from '#test/contract/artifacts'
import { auditLogContract } from '#test/contract/audit-log'
import { clockContract } from '#test/contract/clock'
import { inboxContract } from '#test/contract/inbox'
import { cancelBusContract, queueContract } from '#test/contract/queue'
import { recordingLogContract } from '#test/contract/recording-log'
import { sessionsContract } from '#test/contract/sessions'
import { locksContract, storeContract, valuesContract } from '#test/contract/store'
import { terminalBusContract } from '#test/contract/terminal-bus'
import { transcriptsContract } from '#test/contract/transcripts'
import { useRedis } from '#test/environment/redis'
import { silentLog } from '#test/samples/run'

const name = 'Redis'
const signer = createSigner('a key')
const closing: (() => unknown)[] = []
// Declared before `useRedis`, so that it runs before Redis is stopped.
afterAll(() => connection.disconnect())
const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
/** Ms by which the time of the tested stores is ahead. */
let ahead = 0

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
beforeEach(async () => {
  ahead = 0
  await redis.empty()
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** Shortens the lifetime of every key, as if that time had passed. */
async function pass(ms: number): Promise<void> {
  ahead += ms
  for (const key of await connection.keys('*')) {
    const left = await connection.pttl(key)
    if (left > ms) await connection.pexpire(key, left - ms)
    else if (left >= 0) await connection.del(key)
  }
}

const openStore = async () => ({
  store: redisRunStore(connection, { secret: 'a key', now: () => Date.now() + ahead }),
  pass,
})
storeContract(name, openStore)
locksContract(name, openStore)
valuesContract(name, openStore)
transcriptsContract(name, openStore)

queueContract(name, async () => {
  const limits = { perNode: 20, perCluster: 100 }
  const slots = redisConcurrencySlots(connection, limits)
  const opened = bullmqRunQueue(connection, { limit: 3, slots })
  const runs = new Map<string, Parameters<typeof opened.add>[0]>()
  closing.push(() => opened.close())
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  return {
    queue: {
      ...opened,
      add(run, recentRuns) {
        runs.set(run.id, run)
        return opened.add(run, recentRuns)
      },
    },
    take: () =>
      new Promise((resolve) => {
        const onRun = async ({ id }: { id: string }) => {
          resolve(id)
          await finished
        }
        const load = async (id: string) => runs.get(id)
        const options = { load, concurrency: 1, slots, now: Date.now, log: silentLog }
        const worker = bullmqRunWorker(connection, onRun, options)
        closing.push(async () => {
          const drained = worker.drain()
          finish()
          await drained
        })
      }),
  }
})

cancelBusContract(name, async () => {
  const [one, other] = [redisCancelBus(connection, { signer }), redisCancelBus(connection, { signer })]
  closing.push(one.close, other.close)
  return { one, other }
})

terminalBusContract(name, async () => {
  const [one, other] = [redisTerminalBus(connection), redisTerminalBus(connection)]
  closing.push(one.close, other.close)
  return { one, other }
})

inboxContract(name, async () => {
  const options = { signer, log: silentLog }
  const [one, other] = [redisInbox(connection, options), redisInbox(connection, options)]
  closing.push(one.close, other.close)
  return { one, other, pass, expire: async (id) => void (await connection.del(`retina:command-lease:${id}`)) }
})

sessionsContract(name, async () => ({ sessions: redisSessionStore(connection, { signer }), pass }))
artifactsContract(name, async (most) => {
  const now = () => Date.now() + ahead
  const limit = async () => ({ most, isShort: false, freeBytes: undefined })
  return {
    ...{ store: redisArtifactStore(connection, { signer, now, report: () => undefined, limit }), now, pass },
    async change(path, change) {
      const key = `retina:artifact:${path}`
      const [bytes] = await connection.hmgetBuffer(key, 'bytes')
      await connection.hset(key, 'bytes', Buffer.from(change(bytes ?? Buffer.alloc(0))))
    },
  }
})
recordingLogContract(name, async () => redisRecordingLog(connection, { signer, report: () => undefined }))
auditLogContract(name, async () => ({ log: redisAuditLog(connection, 'a key') }))

clockContract(name, async () => {
  const clock = redisClock(connection)
  closing.push(clock.close)
  return { ...clock, pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }
})
