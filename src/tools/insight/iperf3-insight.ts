import type { Chart, Insight, ReadOutput } from '#core/request/insight'
import { factsOf, firstMatch, matching } from './match-lines.ts'

const units = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const
const isUnit = (unit: string): unit is keyof typeof units => unit in units

// Line of an interval: of the sum where there are several streams, else of the only stream.
const interval = /^\[\s*(SUM|\d+)\]\s+([\d.]+)-([\d.]+)\s+sec\s+[\d.]+ [KMGT]?Bytes\s+([\d.]+) ([KMGT]?)bits\/sec(.*)$/

/** Reports the throughput from `iperf3`'s text or JSON output. */
export const iperf3Insight: ReadOutput = ({ text }) => {
  const [error] = firstMatch(text, /^iperf3: error - (.+)$/) ?? []
  if (error !== undefined) return { severity: 'bad', headline: `Not measured: ${error}`, facts: [] }
  return text.startsWith('{') ? readJson(text) : readText(text)
}

function readText(text: string): Insight | undefined {
  const rows = matching(text, interval)
  const ends = rows.filter(([, , , , , rest = '']) => /\s(?:sender|receiver)$/.test(rest))
  const streams = ends.filter(([id]) => id === 'SUM')
  const totals = streams.length > 0 ? streams : ends
  const sent = totals.find(([, , , , , rest = '']) => rest.endsWith('sender'))
  const received = totals.find(([, , , , , rest = '']) => rest.endsWith('receiver'))
  if (sent === undefined || received === undefined || totals.length !== 2) return undefined
  const id = sent[0]
  const endRows = new Set(ends)
  const points = rows
    .filter((row) => row[0] === id && !endRows.has(row))
    .map(([, , end, value, unit = '']) => ({ x: Number(end), y: toBits(value, unit) }))
  const [, , , value, unit = '', rest = ''] = received
  const [retransmitted] = /^\s+(\d+)\s+sender$/.exec(sent[5] ?? '')?.slice(1) ?? []
  const [jitter, lost] = /^\s+([\d.]+ ms)\s+\d+\/\d+ \(([\d.]+%)\)/.exec(rest)?.slice(1) ?? []
  return toInsight({
    received: toBits(value, unit),
    sent: toBits(sent[3], sent[4] ?? ''),
    retransmitted,
    jitter,
    lost,
    points,
  })
}

type Measured = {
  received: number
  sent: number
  retransmitted: string | undefined
  jitter?: string | undefined
  lost?: string | undefined
  points: readonly { x: number; y: number }[]
}

function toInsight({ received, sent, retransmitted, jitter, lost, points }: Measured): Insight {
  const loses = lost !== undefined && Number.parseFloat(lost) > 0
  return {
    severity: loses ? 'warn' : 'ok',
    headline: `${toRateText(received)} arrived${loses ? `, ${lost} of the datagrams lost` : ''}`,
    facts: factsOf({ received: toRateText(received), sent: toRateText(sent), retransmitted, jitter, lost }),
    ...(points.length < 3 ? {} : { chart: toChart(points) }),
  }
}

function toChart(points: readonly { x: number; y: number }[]): Chart {
  const maxBitsPerSecond = points.reduce((most, { y }) => Math.max(most, y), 0)
  const [unit, size] = maxBitsPerSecond >= units.G ? (['Gbit/s', units.G] as const) : (['Mbit/s', units.M] as const)
  return { title: 'Throughput', unit, over: 'seconds', points: points.map(({ x, y }) => ({ x, y: y / size })) }
}

function toBits(value: string | undefined, unit: string): number {
  return Number(value) * (isUnit(unit) ? units[unit] : 1)
}

function toRateText(bitsPerSecond: number): string {
  const [unit = '', size = 1] = Object.entries(units).findLast(([, each]) => bitsPerSecond >= each) ?? []
  return `${Number((bitsPerSecond / size).toPrecision(3))} ${unit}bit/s`
}

function readJson(text: string): Insight | undefined {
  const report = parseJson(text)
  const error = getValue(report, 'error')
  if (typeof error === 'string') return { severity: 'bad', headline: `Not measured: ${error}`, facts: [] }
  const received = getValue(report, 'end', 'sum_received', 'bits_per_second')
  const sent = getValue(report, 'end', 'sum_sent', 'bits_per_second')
  const intervals = getValue(report, 'intervals')
  if (typeof received !== 'number' || typeof sent !== 'number' || !Array.isArray(intervals)) return undefined
  const retransmitted = getValue(report, 'end', 'sum_sent', 'retransmits')
  const points = intervals.flatMap((each: unknown) => {
    const [x, y] = [getValue(each, 'sum', 'end'), getValue(each, 'sum', 'bits_per_second')]
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : []
  })
  return toInsight({
    received,
    sent,
    retransmitted: typeof retransmitted === 'number' ? String(retransmitted) : undefined,
    points,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function getValue(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  )
}
