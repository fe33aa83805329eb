import type { Chart, Insight, ReadOutput } from '#core/request/insight'
import { factsOf, firstMatch, matching } from './lines.ts'

const units = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const
const isUnit = (unit: string): unit is keyof typeof units => unit in units

// With several streams the sum counts; else the stream's own line.
const interval = /^\[\s*(SUM|\d+)\]\s+([\d.]+)-([\d.]+)\s+sec\s+[\d.]+ [KMGT]?Bytes\s+([\d.]+) ([KMGT]?)bits\/sec(.*)$/

/** Throughput of `iperf3`, from its text or its JSON. */
export const iperf3Insight: ReadOutput = ({ text }) => {
  const [error] = firstMatch(text, /^iperf3: error - (.+)$/) ?? []
  if (error !== undefined) return { severity: 'bad', headline: `Not measured: ${error}`, facts: [] }
  return text.startsWith('{') ? fromJson(text) : fromText(text)
}

function fromText(text: string): Insight | undefined {
  const rows = matching(text, interval)
  const ends = rows.filter(([, , , , , rest = '']) => /\s(?:sender|receiver)$/.test(rest))
  const streams = ends.filter(([id]) => id === 'SUM')
  const totals = streams.length > 0 ? streams : ends
  const sent = totals.find(([, , , , , rest = '']) => rest.endsWith('sender'))
  const received = totals.find(([, , , , , rest = '']) => rest.endsWith('receiver'))
  if (sent === undefined || received === undefined || totals.length !== 2) return undefined
  const id = sent[0]
  const points = rows
    .filter((row) => row[0] === id && !ends.includes(row))
    .map(([, , end, value, unit = '']) => ({ x: Number(end), y: bits(value, unit) }))
  const [, , , value, unit = '', rest = ''] = received
  const [retransmitted] = /^\s+(\d+)\s+sender$/.exec(sent[5] ?? '')?.slice(1) ?? []
  const [jitter, lost] = /^\s+([\d.]+ ms)\s+\d+\/\d+ \(([\d.]+%)\)/.exec(rest)?.slice(1) ?? []
  return told({ received: bits(value, unit), sent: bits(sent[3], sent[4] ?? ''), retransmitted, jitter, lost, points })
}

type Measured = {
  received: number
  sent: number
  retransmitted: string | undefined
  jitter?: string | undefined
  lost?: string | undefined
  points: readonly { x: number; y: number }[]
}

function told({ received, sent, retransmitted, jitter, lost, points }: Measured): Insight {
  const loses = lost !== undefined && Number.parseFloat(lost) > 0
  return {
    severity: loses ? 'warn' : 'ok',
    headline: `${rateText(received)} arrived${loses ? `, ${lost} of the datagrams lost` : ''}`,
    facts: factsOf({ received: rateText(received), sent: rateText(sent), retransmitted, jitter, lost }),
    ...(points.length < 3 ? {} : { chart: chartOf(points) }),
  }
}

function chartOf(points: readonly { x: number; y: number }[]): Chart {
  const most = Math.max(...points.map(({ y }) => y))
  const [unit, size] = most >= units.G ? (['Gbit/s', units.G] as const) : (['Mbit/s', units.M] as const)
  return { title: 'Throughput', unit, over: 'seconds', points: points.map(({ x, y }) => ({ x, y: y / size })) }
}

function bits(value: string | undefined, unit: string): number {
  return Number(value) * (isUnit(unit) ? units[unit] : 1)
}

function rateText(bitsPerSecond: number): string {
  const [unit = '', size = 1] = Object.entries(units).findLast(([, each]) => bitsPerSecond >= each) ?? []
  return `${Number((bitsPerSecond / size).toPrecision(3))} ${unit}bit/s`
}

function fromJson(text: string): Insight | undefined {
  const all = parsed(text)
  const error = at(all, 'error')
  if (typeof error === 'string') return { severity: 'bad', headline: `Not measured: ${error}`, facts: [] }
  const received = at(all, 'end', 'sum_received', 'bits_per_second')
  const sent = at(all, 'end', 'sum_sent', 'bits_per_second')
  const intervals = at(all, 'intervals')
  if (typeof received !== 'number' || typeof sent !== 'number' || !Array.isArray(intervals)) return undefined
  const retransmitted = at(all, 'end', 'sum_sent', 'retransmits')
  const points = intervals.flatMap((each: unknown) => {
    const [x, y] = [at(each, 'sum', 'end'), at(each, 'sum', 'bits_per_second')]
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : []
  })
  return told({
    received,
    sent,
    retransmitted: typeof retransmitted === 'number' ? String(retransmitted) : undefined,
    points,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  )
}
