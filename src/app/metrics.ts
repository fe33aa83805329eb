import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type AlertEvent, alertEvents } from '#core/alerts/alert'
import type { EndReason } from '#core/runs/run'
import type { RedisMemory } from '#src/redis/health'
import type { RefusalReason, TerminalMetrics } from '#src/terminal/context'

const botEvents = ['commands', 'refused', 'misunderstood', 'queued', 'duplicates', 'asked'] as const
export type BotEvent = (typeof botEvents)[number]

const endReasons: Record<EndReason, true> = {
  completed: true,
  'nothing-found': true,
  failed: true,
  'start-timeout': true,
  deadline: true,
  canceled: true,
  paused: true,
  'output-limit': true,
  'target-gone': true,
  'image-unavailable': true,
  lost: true,
  refused: true,
  expired: true,
  'cluster-error': true,
}

/** What was changed by something other than this program: the audit log, or another stored value. */
export const alarmKinds = ['audit', 'value'] as const
export type AlarmKind = (typeof alarmKinds)[number]

/** Metrics that `/metrics` exposes, in Prometheus' text format. */
export type Metrics = {
  count: (event: BotEvent) => void
  countAlert: (event: AlertEvent) => void
  /** Counts a tool's start. `waitSeconds`: from the run's queueing to here. */
  started: (waitSeconds: number) => void
  ended: (reason: EndReason, seconds: number) => void
  waiting: (runs: number) => void
  paused: (isPaused: boolean) => void
  /** Marks the process as open: its role does its work. */
  opened: (role: string) => void
  alarm: (kind: AlarmKind) => void
  redisMemory: (memory: RedisMemory) => void
  /** `overdue`: number of debug pods in a cluster that exist after their deadline. */
  debugPods: (cluster: string, overdue: number) => void
  /** `pastHalfTime`: number of undecided requests of whose time to decide more than half has passed. */
  approvals: (pastHalfTime: number) => void
  /** `expiresAt`: seconds since 1970. */
  certificate: (address: string, expiresAt: number) => void
  /** Says that retina.yaml has shells, so that something has to serve them. */
  terminalConfigured: () => void
  terminal: TerminalMetrics
  text: () => Promise<{ type: string; body: string }>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counted = runMetrics(registers)
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `retina_chatops_${name}`, help, labelNames, registers })
  const open = gauge('open', '1 while the process does the work of its role', ['role'])
  const waiting = gauge('runs_waiting', 'Runs waiting for a worker')
  const paused = gauge('paused', '1 while all runs are paused')
  const memory = gauge('redis_memory_bytes', 'Memory that Redis uses')
  const memoryLimit = gauge('redis_memory_limit_bytes', "Redis' maxmemory; 0 where it has none")
  const overdue = gauge('debug_pods_overdue', 'Debug pods that exist after their deadline', ['cluster'])
  const approvals = gauge('approvals_past_half_time', 'Undecided requests with less than half of their time left')
  const certificate = gauge(
    'certificate_expiry_timestamp_seconds',
    'End of validity of the certificate at an address of the bot, as seconds since 1970',
    ['address'],
  )
  const configured = gauge('terminal_configured', '1 where the configuration has interactive shells')
  return {
    ...counted,
    waiting: (count) => waiting.set(count),
    paused: (isPaused) => paused.set(isPaused ? 1 : 0),
    opened: (role) => open.set({ role }, 1),
    redisMemory({ usedBytes, limitBytes }) {
      memory.set(usedBytes)
      memoryLimit.set(limitBytes)
    },
    debugPods: (cluster, count) => overdue.set({ cluster }, count),
    approvals: (count) => approvals.set(count),
    certificate: (address, expiresAt) => certificate.set({ address }, expiresAt),
    terminalConfigured: () => configured.set(1),
    terminal: terminalMetrics(registers),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}

const refusalReasons: Record<RefusalReason, true> = {
  origin: true,
  proof: true,
  link: true,
  rights: true,
  limit: true,
  protocol: true,
  recording: true,
}

function terminalMetrics(registers: Registry[]): TerminalMetrics {
  const counter = (name: string, help: string, label: string, values: readonly string[]) => {
    const made = new Counter({ name: `retina_chatops_terminal_${name}`, help, labelNames: [label], registers })
    for (const value of values) made.inc({ [label]: value }, 0)
    return made
  }
  const open = new Gauge({
    name: 'retina_chatops_terminal_connections',
    help: 'Open connections of browsers to interactive sessions',
    registers,
  })
  const attaches = counter('attaches_total', 'Connections to shells: first ones, and resumed ones', 'how', [
    'first',
    'resumed',
  ])
  const refused = counter('refused_total', 'Refused browsers, by reason', 'reason', Object.keys(refusalReasons))
  const bytes = counter('bytes_total', 'Bytes of sessions: in (typed), out (printed)', 'direction', ['in', 'out'])
  const recorded = new Counter({
    name: 'retina_chatops_terminal_recorded_bytes_total',
    help: 'Bytes of recordings of sessions, encrypted',
    registers,
  })
  const echo = new Histogram({
    name: 'retina_chatops_terminal_echo_seconds',
    help: "Seconds from a key's arrival to the next output of its shell",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  })
  return {
    connections: (count) => open.set(count),
    attached: (how) => attaches.inc({ how }),
    refused: (reason) => refused.inc({ reason }),
    bytes: (direction, count) => bytes.inc({ direction }, count),
    recorded: (count) => recorded.inc(count),
    echo: (seconds) => echo.observe(seconds),
  }
}

/** Creates what counts events. Each label has a value from the start: Prometheus sees no increase from nothing to 1. */
function runMetrics(registers: Registry[]): Pick<Metrics, 'count' | 'countAlert' | 'started' | 'ended' | 'alarm'> {
  const events = new Counter({
    name: 'retina_chatops_commands_total',
    help: 'Commands by outcome: commands (all), refused, misunderstood, queued, duplicates, asked (for approval)',
    labelNames: ['event'],
    registers,
  })
  const runs = new Histogram({
    name: 'retina_chatops_run_seconds',
    help: "Seconds from a tool's start to its end, by end reason",
    labelNames: ['reason'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600],
    registers,
  })
  const waits = new Histogram({
    name: 'retina_chatops_queue_wait_seconds',
    help: "Seconds from a run's queueing to its start",
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300],
    registers,
  })
  const alarms = new Counter({
    name: 'retina_chatops_alarms_total',
    help: 'Changes of stored data by something other than this program: audit (the audit log), value (all else)',
    labelNames: ['kind'],
    registers,
  })
  const alerts = new Counter({
    name: 'retina_chatops_alerts_received_total',
    help: 'Alerts by outcome: shown, repeated, left-out (too many), resolved, lost (their channel took none); refused requests',
    labelNames: ['event'],
    registers,
  })
  for (const event of alertEvents) alerts.inc({ event }, 0)
  for (const event of botEvents) events.inc({ event }, 0)
  for (const reason of Object.keys(endReasons)) runs.zero({ reason })
  for (const kind of alarmKinds) alarms.inc({ kind }, 0)
  return {
    count: (event) => events.inc({ event }),
    countAlert: (event) => alerts.inc({ event }),
    started: (waitSeconds) => waits.observe(Math.max(0, waitSeconds)),
    ended: (reason, seconds) => runs.observe({ reason }, seconds),
    alarm: (kind) => alarms.inc({ kind }),
  }
}
