import { createHmac, randomBytes } from 'node:crypto'
import type { ArtifactStore } from '#core/ports/artifacts'
import type { EventStream } from '#core/ports/chat'
import type { Cluster } from '#core/ports/cluster'
import type { CommandInbox } from '#core/ports/inbox'
import type { Log } from '#core/ports/log'
import type { CancelBus, RunQueue } from '#core/ports/queue'
import type { RecordingLog } from '#core/ports/recording-write-ahead-log'
import type { Sessions } from '#core/ports/sessions'
import { type AuditLog, type Store, verified } from '#core/ports/store'
import type { TerminalBus } from '#core/ports/terminal-bus'
import type { Run } from '#core/runs/run'
import type { Traced } from '#core/runs/trace-steps'
import { type Timing, timingWith } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { withTimeout } from '#core/util/timeout'
import type { Config } from '#src/config/load'
import type { ClusterOptions } from '#src/kubernetes/cluster'
import { waitUntilUsable } from '#src/redis/check-server-role-and-rights'
import { redisClock } from '#src/redis/clock'
import { connectRedis } from '#src/redis/connection'
import { deriveKey } from '#src/redis/derived-key'
import { type RedisMemory, redisHealth, redisMemory } from '#src/redis/health'
import { alsoEarlier, earlierSigner, signerFor } from '#src/redis/hmac-signer'
import { redisInbox } from '#src/redis/inbox/inbox'
import { redisInstallationId } from '#src/redis/installation-id'
import { openAuditWithAlarms } from '#src/redis/open-audit-log'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue, bullmqRunWorker, type RunWorker } from '#src/redis/queue/run-queue'
import { redisTerminalBus } from '#src/redis/session-change-bus'
import { artifactLimit } from '#src/redis/store/artifact-limit'
import { redisArtifactStore } from '#src/redis/store/artifact-store'
import { redisEventStream } from '#src/redis/store/channel-event-stream'
import { redisRecordingLog } from '#src/redis/store/recording-write-ahead-log'
import { resignLastingValues } from '#src/redis/store/resign-values'
import { redisRunStore } from '#src/redis/store/run-store'
import { redisSessionStore } from '#src/redis/store/session-store'
import type { ReportBroken } from '#src/redis/store/signed-values'
import { type RecordingCipher, recordingCipher } from '#src/terminal/recording/cipher'
import { type Passkeys, passkeys } from '#src/web/passkeys/webauthn'
import { type RunLinks, runLinks } from '#src/web/run-page/links'
import { clusterSettings } from './cluster-settings.ts'
import type { Metrics } from './metrics.ts'
import { type Terminals, terminalsByCluster } from './terminals-by-cluster.ts'
import { traced } from './tracing.ts'

/** Connections and stores that every role uses, independent of chat adapters. */
export type Infrastructure = {
  clusters: ReadonlyMap<string, Cluster>
  queue: RunQueue
  store: Store
  /** Accepted commands. */
  inbox: CommandInbox
  sessions: Sessions
  eventStream: EventStream
  cancelBus: CancelBus
  /** Shells in containers of the clusters, in a process that serves them. */
  terminals?: Terminals
  terminalBus: TerminalBus
  /** Recordings of sessions, where they are stored, and what encrypts them. */
  artifacts: ArtifactStore
  recordings: RecordingLog
  cipher: RecordingCipher
  audit: AuditLog
  span: Traced
  timing: Timing
  /** Present where the configuration has the URL at which browsers reach the bot. */
  passkeys?: Passkeys
  /** Present where the configuration has the URL at which browsers reach run pages. */
  pages?: RunLinks
  /** Returns the key (64 hex digits) of the MAC of a session's frames. */
  sessionKey: (session: string) => string
  /** Returns the time of the clock that all processes share. */
  now: () => Date
  /** Resolves when Redis answers and can be used, without a time limit; the log says what it waits for. */
  redisReady: () => Promise<void>
  /** Signs values that never expire with the present key, where another accepted one signed them; resolves with how many. */
  resign: () => Promise<number>
  /** Rejects when Redis is full or can't be used; resolves with the problem of its settings, if there is one. */
  redisHealth: () => Promise<string | undefined>
  /** Resolves with the memory of Redis; undefined where it doesn't say. */
  redisMemory: () => Promise<RedisMemory | undefined>
  /** Starts to take runs from the queue. */
  work: (onRun: (run: Run) => Promise<void>) => RunWorker
  close: () => Promise<void>
}

/** Role of a process. */
export type Role = 'bot' | 'worker' | 'terminal' | 'all'

/** Opens a cluster of the configuration. */
export type OpenCluster = (cluster: Config['clusters'][number], given: ClusterGiven) => Cluster
type ClusterGiven = { config: Config; log: Log; role: Role; span: Traced; installation: () => Promise<string> }

/** Defaults: the real cluster, all roles, OpenTelemetry spans, the program's own timing. */
export type InfrastructureOptions = {
  openCluster?: OpenCluster
  role?: Role
  span?: Traced
  timing?: Partial<Timing>
  /** Called for each change of stored data by something other than this program. */
  onAlarm?: Metrics['alarm']
}

/**
 * Opens connections and stores. Rejects when a cluster's kubeconfig can't be read. Redis may be unreachable:
 * `redisReady` waits for it.
 */
export async function openInfrastructure(
  config: Config,
  log: Log,
  { openCluster, role = 'all', span = traced, timing: own = {}, onAlarm }: InfrastructureOptions = {},
): Promise<Infrastructure> {
  const open = openCluster ?? (await loadKubernetes())
  const timing = timingWith(own)
  const redis = connectRedis(config.redis.url, log, timing)
  const clock = redisClock(redis, timing)
  const secret = config.secrets.sealKeys
  const { audit, report, alarm } = openAuditWithAlarms(redis, secret, log, {
    now: clock.now,
    ...defined({ onAlarm }),
  })
  const values = { signer: signerFor(secret, 'values'), report }
  const given = { config, log, role, span, installation: redisInstallationId(redis, values) }
  const clusters = disconnectOnError(
    redis,
    () => new Map(config.clusters.map((each) => [each.name, open(each, given)])),
  )
  const now = () => clock.now().getTime()
  const terminals = { ...frameKeys(secret), ...(openCluster === undefined ? await openTerminals(given) : {}) }
  const slots = redisConcurrencySlots(redis, config.limits, undefined, timing)
  const queue = bullmqRunQueue(redis, { limit: config.limits.queue, slots })
  const cancelBus = redisCancelBus(redis, values)
  const terminalBus = redisTerminalBus(redis)
  const store = redisRunStore(redis, { secret, now, report })
  return {
    clusters,
    queue,
    store,
    inbox: redisInbox(redis, { signer: alsoEarlier(signerFor(secret, 'commands'), secret), log, timing, alarm }),
    sessions: redisSessionStore(redis, { signer: alsoEarlier(signerFor(secret, 'sessions'), secret), report }),
    ...pagesOf(config, { store, now: clock.now }),
    eventStream: redisEventStream(redis, { signer: signerFor(secret, 'events'), report }),
    cancelBus,
    terminalBus,
    ...terminals,
    ...recordingParts(redis, config, { now, report }),
    ...{ audit, span, timing },
    now: clock.now,
    async redisReady() {
      await waitUntilUsable(redis, log, timing)
      await clock.ready()
    },
    resign: () => resignLastingValues(redis, { ...values, earlier: earlierSigner(secret) }),
    redisHealth: () => redisHealth(redis),
    redisMemory: () => redisMemory(redis),
    work: (onRun) =>
      bullmqRunWorker(redis, onRun, {
        load: async (id) => verified(await store.run(id)),
        concurrency: config.limits.workerConcurrency,
        slots,
        now,
        log,
        timing,
      }),
    async close() {
      // Gives up after a time limit: without Redis the queue can't close cleanly.
      await withTimeout(
        timing.queueCloseMs,
        queue.close().catch(() => undefined),
      )
      clock.close()
      for (const cluster of clusters.values()) cluster.close()
      await cancelBus.close()
      terminalBus.close()
      redis.disconnect()
    },
  }
}

/** Returns what the configured pages for browsers need. */
function pagesOf({ confirm, pages }: Config, shared: Omit<Parameters<typeof passkeys>[0], 'url'>) {
  return {
    ...(confirm === undefined ? {} : { passkeys: passkeys({ ...shared, url: new URL(confirm.url) }) }),
    ...(pages === undefined ? {} : { pages: runLinks({ ...shared, url: new URL(pages.url) }) }),
  }
}

/** Disconnects from Redis when `work` throws: the connection would keep the program alive. */
function disconnectOnError<T>(redis: { disconnect: () => void }, work: () => T): T {
  try {
    return work()
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/** Creates what derives a key for each session from the installation's secret; without one, from one of this process. */
function frameKeys(secret: Config['secrets']['sealKeys']): Pick<Infrastructure, 'sessionKey'> {
  const key = deriveKey(secret?.[0] ?? randomBytes(32).toString('hex'), 'terminal')
  return { sessionKey: (session) => createHmac('sha256', key).update(session).digest('hex') }
}

/** Opens where recordings are stored. Without the installation's secret, they can be read while this process runs. */
function recordingParts(
  redis: ReturnType<typeof connectRedis>,
  { secrets: { sealKeys: secret }, limits }: Config,
  { now, report }: { now: () => number; report: ReportBroken },
): Pick<Infrastructure, 'artifacts' | 'recordings' | 'cipher'> {
  const limit = artifactLimit(() => redisMemory(redis), limits.artifacts)
  const keys = secret?.map((each) => deriveKey(each, 'recording-keys')) ?? [randomBytes(32)]
  return {
    artifacts: redisArtifactStore(redis, { signer: signerFor(secret, 'artifacts'), now, report, limit }),
    recordings: redisRecordingLog(redis, { signer: signerFor(secret, 'recordings'), report }),
    cipher: recordingCipher(keys),
  }
}

/** Loads the Kubernetes client, which takes time, only where a real cluster is opened. */
async function loadKubernetes(): Promise<OpenCluster> {
  const { kubernetesCluster } = await import('#src/kubernetes/cluster')
  return (cluster, given) => kubernetesCluster(clusterOptions(cluster, given))
}

function clusterOptions(
  cluster: Config['clusters'][number],
  { config, log, role, span, installation }: ClusterGiven,
): ClusterOptions {
  const { impersonate, admissionPolicy } = cluster
  const [sealKey, ...otherKeys] = config.secrets.sealKeys ?? []
  return {
    ...clusterSettings(config, cluster),
    impersonate,
    admissionPolicy,
    role,
    keeps: config.shell.keep > 0,
    ...(sealKey === undefined
      ? {}
      : { userKey: deriveKey(sealKey, 'container-uid'), frameKey: deriveKey(sealKey, 'frames') }),
    otherFrameKeys: otherKeys.map((each) => deriveKey(each, 'frames')),
    log,
    span,
    installation,
  }
}

/** Opens the shells in containers of all clusters, where this process serves them. */
async function openTerminals(given: ClusterGiven): Promise<Pick<Infrastructure, 'terminals'>> {
  const { config, role } = given
  if (config.terminal === undefined || role === 'bot' || role === 'worker') return {}
  const { kubernetesTerminal } = await import('#src/kubernetes/terminal/kubernetes-terminal')
  const terminals = config.clusters.map((each) => [each.name, kubernetesTerminal(clusterOptions(each, given))] as const)
  return { terminals: terminalsByCluster(new Map(terminals)) }
}
