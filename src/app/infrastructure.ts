import type { EventStream } from '#core/ports/chat'
import type { Cluster } from '#core/ports/cluster'
import type { CommandInbox } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { AuditLog, Store } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import type { Traced } from '#core/runs/trace-steps'
import type { Sessions } from '#core/sessions/session'
import { defaultTiming, type Timing } from '#core/util/timing'
import type { Config } from '#src/config/load'
import { redisClock } from '#src/redis/clock'
import { connectRedis } from '#src/redis/connection'
import { redisHealth } from '#src/redis/health'
import { redisInbox } from '#src/redis/inbox/inbox'
import { redisInstallationId } from '#src/redis/installation-id'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue, bullmqRunWorker, type RunWorker } from '#src/redis/queue/run-queue'
import { createRunSigner, type RunSigner } from '#src/redis/queue/run-seal'
import { createSigner } from '#src/redis/signing'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { redisEventStream } from '#src/redis/store/event-stream'
import { redisRunStore } from '#src/redis/store/run-store'
import { redisSessionStore } from '#src/redis/store/session-store'
import { type Passkeys, passkeys } from '#src/web/passkeys/webauthn'
import { type RunLinks, runLinks } from '#src/web/run-page/links'
import { traced } from './tracing.ts'

/** Connections and stores that every role uses, independent of chat adapters. */
export type Infrastructure = {
  clusters: ReadonlyMap<string, Cluster>
  queue: RunQueue
  store: Store
  /** Commands that were accepted. */
  inbox: CommandInbox
  sessions: Sessions
  eventStream: EventStream
  cancelBus: CancelBus
  runSigner: RunSigner
  audit: AuditLog
  span: Traced
  timing: Timing
  /** Present where the configuration says where browsers reach the bot. */
  passkeys?: Passkeys
  /** Present where the configuration says where browsers reach pages of runs. */
  pages?: RunLinks
  /** The time that all processes share. */
  now: () => Date
  /** Resolves when Redis answers, however long that takes; the log says what is waited for. */
  redisReady: () => Promise<void>
  /** Rejects when Redis is full; resolves with what is wrong with its settings, if anything is. */
  redisHealth: () => Promise<string | undefined>
  /** Begins to take runs from the queue. */
  work: (onRun: (run: Run) => Promise<void>) => RunWorker
  close: () => Promise<void>
}

/** What a process does. */
export type Role = 'bot' | 'worker' | 'all'

/** How a cluster of the configuration is opened. */
export type OpenCluster = (cluster: Config['clusters'][number], given: ClusterGiven) => Cluster
type ClusterGiven = { config: Config; log: Log; role: Role; span: Traced; installation: () => Promise<string> }

/** Left out: the real cluster, all roles, spans as OpenTelemetry has them, the program's own times. */
export type InfrastructureOptions = { openCluster?: OpenCluster; role?: Role; span?: Traced; timing?: Partial<Timing> }

/** Rejects when a cluster's kubeconfig can't be read. Redis may be away: it is waited for. */
export async function openInfrastructure(
  config: Config,
  log: Log,
  { openCluster, role = 'all', span = traced, timing: own = {} }: InfrastructureOptions = {},
): Promise<Infrastructure> {
  const open = openCluster ?? (await kubernetes())
  const timing = { ...defaultTiming, ...own }
  const redis = connectRedis(config.redis.url, log, timing)
  const given = { config, log, role, span, installation: redisInstallationId(redis) }
  const clusters = opened(redis, () => new Map(config.clusters.map((each) => [each.name, open(each, given)])))
  const clock = redisClock(redis, timing)
  const slots = redisConcurrencySlots(redis, config.limits, undefined, timing)
  const queue = bullmqRunQueue(redis, { limit: config.limits.queue, slots })
  const cancelBus = redisCancelBus(redis)
  const store = redisRunStore(redis)
  const signing = createSigner(config.secrets.sealKey)
  const confirming = { store, signer: signing, now: clock.now }
  return {
    clusters,
    queue,
    store,
    inbox: redisInbox(redis, { signer: signing, log, timing }),
    sessions: redisSessionStore(redis, signing),
    ...(config.confirm === undefined
      ? {}
      : { passkeys: passkeys({ ...confirming, url: new URL(config.confirm.url) }) }),
    ...(config.pages === undefined ? {} : { pages: runLinks({ ...confirming, url: new URL(config.pages.url) }) }),
    eventStream: redisEventStream(redis),
    cancelBus,
    runSigner: createRunSigner(config.secrets.sealKey),
    audit: redisAuditLog(redis, config.secrets.sealKey),
    span,
    timing,
    now: clock.now,
    redisReady: clock.ready,
    redisHealth: () => redisHealth(redis),
    work: (onRun) =>
      bullmqRunWorker(redis, onRun, {
        concurrency: config.limits.workerConcurrency,
        slots,
        now: () => clock.now().getTime(),
        log,
        timing,
      }),
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, timing.queueCloseMs).unref())
      // Without Redis the queue can't say goodbye.
      await Promise.race([queue.close().catch(() => undefined), late])
      clock.close()
      for (const cluster of clusters.values()) cluster.close()
      await cancelBus.close()
      redis.disconnect()
    },
  }
}

/** What can't be opened leaves no connection that would keep the program alive. */
function opened<T>(redis: { disconnect: () => void }, work: () => T): T {
  try {
    return work()
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/** The Kubernetes client takes its time to load: only where a real cluster is opened. */
async function kubernetes(): Promise<OpenCluster> {
  const { kubernetesCluster } = await import('#src/kubernetes/cluster')
  return (cluster, { config, log, role, span, installation }) => {
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
      installation,
    })
  }
}
