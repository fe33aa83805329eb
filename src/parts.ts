import type { AuditLog, Board, CancelBus, Cluster, Log, RunQueue, Store } from '#core/ports'
import type { Run } from '#core/run'
import type { Sessions } from '#core/session'
import type { Config } from './config.ts'
import { type Passkeys, passkeys } from './confirm/passkeys.ts'
import { signer } from './confirm/signed.ts'
import { kubernetesCluster } from './kubernetes/cluster.ts'
import { type RunLinks, runLinks } from './pages/links.ts'
import { bullmqQueue, bullmqWorker, type RunWorker } from './queue/bullmq.ts'
import { redisCancelBus } from './queue/cancel.ts'
import { connectRedis } from './queue/redis.ts'
import { openSealer, type Sealer } from './queue/seal.ts'
import { redisSlots } from './queue/slots.ts'
import { redisAudit } from './store/audit.ts'
import { redisBoard } from './store/board.ts'
import { redisStore } from './store/redis.ts'
import { redisSessions } from './store/sessions.ts'
import { span } from './trace.ts'

/** What every role works with, whatever chat doors there are. */
export type Parts = {
  clusters: ReadonlyMap<string, Cluster>
  queue: RunQueue
  store: Store
  sessions: Sessions
  board: Board
  cancelBus: CancelBus
  sealer: Sealer
  audit: AuditLog
  /** Present where the configuration says where browsers reach the bot. */
  passkeys?: Passkeys
  /** Present where the configuration says where browsers reach pages of runs. */
  pages?: RunLinks
  /** Resolves when Redis answers, however long that takes; the log says what is waited for. */
  redisReady: () => Promise<void>
  /** Begins to take runs from the queue. */
  work: (onRun: (run: Run) => Promise<void>) => RunWorker
  close: () => Promise<void>
}

/** Milliseconds that closing the queue may take. */
const patience = 3_000

/** What a process does. */
export type Role = 'bot' | 'worker' | 'all'

/** How a cluster of the configuration is opened. */
export type OpenCluster = (cluster: Config['clusters'][number], config: Config, log: Log, role: Role) => Cluster

/** Throws when a cluster's kubeconfig can't be read. Redis may be away: it is waited for. */
export function openParts(config: Config, log: Log, open: OpenCluster = openCluster, role: Role = 'all'): Parts {
  const clusters = new Map(config.clusters.map((each) => [each.name, open(each, config, log, role)]))
  const redis = connectRedis(config.redis.url, log)
  const queue = bullmqQueue(redis, { limit: config.limits.queue })
  const cancelBus = redisCancelBus(redis)
  const store = redisStore(redis)
  const confirming = { store, signer: signer(config.secrets.sealKey), now: () => new Date() }
  return {
    clusters,
    queue,
    store,
    sessions: redisSessions(redis, signer(config.secrets.sealKey)),
    ...(config.confirm === undefined
      ? {}
      : { passkeys: passkeys({ ...confirming, url: new URL(config.confirm.url) }) }),
    ...(config.pages === undefined ? {} : { pages: runLinks({ ...confirming, url: new URL(config.pages.url) }) }),
    board: redisBoard(redis),
    cancelBus,
    sealer: openSealer(config.secrets.sealKey),
    audit: redisAudit(redis, config.secrets.sealKey),
    redisReady: async () => {
      await redis.ping()
    },
    work: (onRun) =>
      bullmqWorker(redis, onRun, {
        concurrency: config.limits.workerConcurrency,
        perNode: config.limits.perNode,
        slots: redisSlots(redis),
        log,
      }),
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, patience).unref())
      // Without Redis the queue can't say goodbye.
      await Promise.race([queue.close().catch(() => undefined), late])
      await cancelBus.close()
      redis.disconnect()
    },
  }
}

function openCluster(cluster: Config['clusters'][number], config: Config, log: Log, role: Role): Cluster {
  const { name, kubeconfig, context, inCluster, impersonate } = cluster
  return kubernetesCluster({
    name,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    inCluster,
    impersonate,
    role,
    keeps: config.shell.keep > 0,
    namespace: config.shell.namespace,
    pullPolicy: config.shell.pullPolicy,
    log,
    span,
  })
}
