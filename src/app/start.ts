import type { Log } from '#core/ports/log'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { type SharedTimeout, sharedTimeout } from '#core/util/timeout'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { startJobs } from '#src/worker/jobs/periodic-jobs'
import { createRunExecutor } from '#src/worker/runs/execute-run'
import { startBot } from './bot.ts'
import { createAdapters } from './chat-adapters.ts'
import { clusterCheck } from './cluster-readiness.ts'
import { createWorkerContext, type ProgramParts } from './contexts.ts'
import { type Check, healthServer } from './health.ts'
import { httpServer } from './http.ts'
import { connectDirectory, connectEntra } from './identity.ts'
import { type Infrastructure, type OpenCluster, openInfrastructure, type Role } from './infrastructure.ts'
import { createMetrics } from './metrics.ts'
import { applyOutgoing, checkProxy, hostsThroughProxy } from './outgoing.ts'
import { pauseCheck, watchPause } from './pause-health-and-metric.ts'
import { recordPolicy, watchPolicyFile } from './policy-file.ts'
import { startStateMetrics } from './poll-outside-metrics.ts'
import { startTerminal } from './terminal.ts'
import type { Terminals } from './terminals-by-cluster.ts'

export type Running = {
  /** Port of webhooks and pages; that of health in a worker, which has no others. */
  port: number
  /** Port of health and metrics. */
  healthPort: number
  /** Address of the web chat, where it is configured. */
  web?: string
  /** Accepts nothing new, waits for the runs in progress, and closes everything. */
  stop: () => Promise<void>
}

const unsignedWarning =
  'RETINA_SEAL_KEY is not set: anyone who can write to Redis can make workers run commands. Set it to the same value for all processes.'

/**
 * Starts the program in one role. Waits for Redis without a time limit; throws `UserError` for mistakes that the owner
 * has to correct.
 */
export async function start(options: {
  config: Config
  file: string
  role: Role
  log: Log
  openCluster?: OpenCluster
  /** Replaces the shells in containers of the clusters. */
  terminals?: Terminals
  /** Replaces the default tracing. */
  span?: Traced
  /** Replaces values of the default timing. */
  timing?: Partial<Timing>
  /** Returns why the process should be restarted, for `/healthz`. */
  problem?: () => string | undefined
}): Promise<Running> {
  const { config, log, problem = () => undefined } = options
  const restoreOutgoing = applyOutgoing(config)
  const metrics = createMetrics()
  const parts = await openInfrastructure(config, log, { ...options, onAlarm: metrics.alarm }).catch(
    (error: unknown) => {
      restoreOutgoing()
      throw error
    },
  )
  const rulebook = watchPolicyFile(options.file, config, { log, timing: parts.timing })
  const checks: Check[] = [
    { name: 'Redis', check: parts.redisHealth },
    ...config.clusters.flatMap(({ name, admissionPolicy }) => {
      const cluster = parts.clusters.get(name)
      return cluster === undefined ? [] : [clusterCheck(cluster, admissionPolicy, rulebook)]
    }),
    pauseCheck({ ...parts, rulebook }),
    ...proxyChecks(config),
  ]
  const { timing } = parts
  const http = httpServer({ log, timing })
  const health = healthServer({ checks, metrics, problem, log, timing })
  const closing = [async () => restoreOutgoing(), parts.close, health.close, http.close, async () => rulebook.close()]
  const stop = async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  try {
    const entra = connectEntra(config, timing)
    const adapters = await createAdapters({ ...parts, config, mount: http.mount, log, entra })
    for (const adapter of adapters.values()) checks.push({ name: adapter.platform, check: adapter.ready })
    if (entra !== undefined) checks.push({ name: 'Microsoft Entra', check: entra.check })
    // Serves health before Redis answers, so that an orchestrator sees what the program waits for.
    const healthPort = await health.listen(config.health.host, config.health.port)
    const port = options.role === 'worker' ? healthPort : await http.listen(config.http.host, config.http.port)
    await parts.redisReady()
    const directory = connectDirectory(adapters, rulebook, log, entra)
    const terminal = config.terminal === undefined ? undefined : { url: new URL(config.terminal.url) }
    const shared = {
      ...{ ...parts, config, mount: http.mount, mountUpgrade: http.mountUpgrade },
      ...{ adapters, directory, log, metrics, rulebook },
      ...defined({ terminal }),
    }
    // All waits of a stop share one limit, except for the runs in progress, which have their own deadlines.
    const limit = sharedTimeout(timing.stopTimeoutMs)
    const has = (role: Role) => options.role === role || options.role === 'all'
    if (has('worker')) closing.push(openWorker(shared, limit))
    const { terminals = parts.terminals } = options
    if (has('terminal') && terminal !== undefined && terminals !== undefined)
      closing.push(startTerminal(shared, terminals, terminal.url, limit))
    if (has('bot')) closing.push(await startBot(shared, limit))
    health.opened()
    closing.push(watchPause(shared))
    metrics.opened(options.role)
    if (terminal !== undefined) metrics.terminalConfigured()
    closing.push(startStateMetrics({ ...shared, role: options.role }))
    recordPolicyChanges(shared)
    warnOfRedis(parts, log)
    resignValues(parts, config, log)
    if (config.secrets.sealKeys === undefined) log.warn({}, unsignedWarning)
    log.info({ role: options.role, port, healthPort, adapters: [...adapters.keys()] }, 'started')
    const address = [...adapters.values()].find((adapter) => adapter.address !== undefined)?.address?.()
    return { port, healthPort, ...defined({ web: address }), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Returns the check that the proxy lets the program through, where there is one. */
function proxyChecks(config: Config): Check[] {
  const [url, hosts] = [config.proxy?.https, hostsThroughProxy(config)]
  return url === undefined || hosts.length === 0 ? [] : [{ name: 'HTTP proxy', check: () => checkProxy(url, hosts) }]
}

function warnOfRedis(parts: Infrastructure, log: Log): void {
  parts.redisHealth().then(
    (problem) => problem === undefined || log.warn({}, `Redis: ${problem}`),
    (error: unknown) => log.warn({ error: String(error) }, 'Redis is not healthy'),
  )
}

/** While one key replaces another: signs what would outlive the replaced one with the present one. */
function resignValues(parts: Infrastructure, { secrets: { sealKeys = [] } }: Config, log: Log): void {
  if (sealKeys.length < 2) return
  log.info({ also: sealKeys.length - 1 }, 'further seal keys are accepted (RETINA_SEAL_KEY_ALSO)')
  parts.resign().then(
    (values) => log.info({ values }, 'values that never expire are signed with RETINA_SEAL_KEY'),
    (error: unknown) =>
      log.error({ error: String(error) }, 'values that never expire could not be signed with RETINA_SEAL_KEY'),
  )
}

type RoleContext = ProgramParts & { config: Config; mount: Mount }

/** Records in the audit log which policy is in force, at the start and after each change. */
function recordPolicyChanges(shared: RoleContext): void {
  const record = () => {
    recordPolicy(shared, shared.rulebook).catch((error: unknown) =>
      shared.log.error({ error: String(error) }, 'the policy change could not be recorded'),
    )
  }
  record()
  shared.rulebook.onChange(record)
}

/** Starts a worker. Returns the function that drains it: runs end in their own time, other work within the limit. */
function openWorker(shared: RoleContext, limit: SharedTimeout): () => Promise<void> {
  const context = createWorkerContext(shared)
  const executor = createRunExecutor(context)
  const worker = shared.work(executor.run)
  const stopJobs = startJobs(context, executor.deliverLater)
  return async () => {
    const jobsStopped = stopJobs()
    await worker.drain()
    await limit(Promise.all([jobsStopped, executor.delivered()]))
  }
}
