import { connect, type PeerCertificate } from 'node:tls'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/default-timings'
import type { Config } from '#src/config/load'
import type { Infrastructure, Role } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import { repeat } from './repeat.ts'

type StateContext = Pick<Infrastructure, 'clusters' | 'redisMemory'> & {
  config: Pick<Config, 'confirm' | 'pages' | 'terminal'>
  role: Role
  metrics: Pick<Metrics, 'redisMemory' | 'debugPods' | 'certificate'>
  log: Log
  timing: Pick<Timing, 'stateMetricsMs' | 'certificateIntervalMs' | 'chatTimeoutMs'>
}

/**
 * Reads, at intervals, the state outside this process that metrics show: the memory of Redis, debug pods after their deadline
 * (workers), and certificates at the addresses where browsers reach the program (bots and terminals). What can't be read keeps its last
 * value. Returns the function that stops it.
 */
export function startStateMetrics(context: StateContext): () => Promise<void> {
  const { timing, role, log } = context
  const readOften = (work: () => Promise<void>, intervalMs: number) =>
    repeat(
      () => void work().catch((error: unknown) => log.debug({ error: String(error) }, 'no state for metrics')),
      intervalMs,
    )
  const stops = [
    readOften(() => readState(context), timing.stateMetricsMs),
    ...(role === 'worker' ? [] : [readOften(() => readCertificates(context), timing.certificateIntervalMs)]),
  ]
  return async () => {
    for (const stop of stops) stop()
  }
}

async function readState({ clusters, redisMemory, role, metrics }: StateContext): Promise<void> {
  const readMemory = async () => {
    const memory = await redisMemory()
    if (memory !== undefined) metrics.redisMemory(memory)
  }
  const readPods = [...clusters].map(([name, cluster]) => async () => {
    metrics.debugPods(name, await cluster.overduePods())
  })
  // Side by side: a request to an unreachable Redis waits for it, and must not keep the clusters from being read.
  await Promise.all([readMemory, ...(role === 'worker' || role === 'all' ? readPods : [])].map((read) => read()))
}

async function readCertificates({ config, metrics, timing }: StateContext): Promise<void> {
  const urls = [config.confirm?.url, config.pages?.url, config.terminal?.url].flatMap((url) =>
    url === undefined ? [] : [new URL(url)],
  )
  for (const address of new Set(urls.filter(({ protocol }) => protocol === 'https:').map(({ host }) => host))) {
    const expiresAt = await certificateExpiry(address, timing.chatTimeoutMs)
    if (expiresAt !== undefined) metrics.certificate(address, expiresAt)
  }
}

/**
 * Resolves with the end of validity of the certificate at `host` or `host:port`, in seconds since 1970; undefined where there is no
 * answer. An invalid certificate is read too: its end of validity may be the reason.
 */
function certificateExpiry(address: string, timeoutMs: number): Promise<number | undefined> {
  const { hostname: host, port } = new URL(`https://${address}`)
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 443), servername: host, rejectUnauthorized: false })
    const finish = (certificate?: PeerCertificate) => {
      socket.destroy()
      const endMs = Date.parse(certificate?.valid_to ?? '')
      resolve(Number.isNaN(endMs) ? undefined : endMs / 1_000)
    }
    socket.setTimeout(timeoutMs, () => finish())
    socket.once('error', () => finish())
    socket.once('secureConnect', () => finish(socket.getPeerCertificate()))
  })
}
