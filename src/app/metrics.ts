import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EndReason } from '#core/runs/run'

export type BotEvent = 'commands' | 'refused' | 'misunderstood' | 'queued' | 'duplicates' | 'asked'

/** Metrics that `/metrics` exposes, in Prometheus' text format. */
export type Metrics = {
  count: (event: BotEvent) => void
  ended: (reason: EndReason, seconds: number) => void
  waiting: (runs: number) => void
  paused: (isPaused: boolean) => void
  text: () => Promise<{ type: string; body: string }>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
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
  const paused = new Gauge({ name: 'retina_chatops_paused', help: '1 while all runs are paused', registers })
  const waiting = new Gauge({ name: 'retina_chatops_runs_waiting', help: 'Runs waiting for a worker', registers })
  return {
    count: (event) => events.inc({ event }),
    ended: (reason, seconds) => runs.observe({ reason }, seconds),
    waiting: (count) => waiting.set(count),
    paused: (isPaused) => paused.set(isPaused ? 1 : 0),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}
