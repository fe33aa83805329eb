import { type Chart, type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { getValue, parseJson } from '#core/util/json'
import { factsOf, firstMatch, matching } from './insight-helpers.ts'

/** What `iperf3` proves. Rates in bit/s. */
export type Iperf3Data =
  | { kind: 'not-measured'; why: string }
  | { kind: 'measured'; directions: readonly Direction[]; points: readonly { x: number; y: number }[] }

/** One direction: `to` the server, or back `from` it (`--bidir`). */
export type Direction = {
  way: 'to' | 'from' | 'only'
  sent: number
  received: number
  retransmitted?: number
  /** Jitter of datagrams, in milliseconds, and the lost ones in percent. */
  jitter?: number
  lost?: number
}

const units = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const
const isUnit = (unit: string): unit is keyof typeof units => unit in units

// Line of an interval: of the sum where there are several streams, else of the only stream.
const interval =
  /^\[\s*(SUM|\d+)\](\[(?:TX|RX)-[CS]\])?\s+([\d.]+)-([\d.]+)\s+sec\s+[\d.]+ [KMGT]?Bytes\s+([\d.]+) ([KMGT]?)bits\/sec(.*)$/

function readIperf3({ text }: ToolOutput): Iperf3Data | undefined {
  const [error] = firstMatch(text, /^iperf3: error - (.+)$/) ?? []
  if (error !== undefined) return { kind: 'not-measured', why: error }
  return text.startsWith('{') ? readJson(text) : readText(text)
}

type Row = { id: string; role: string; end: number; bits: number; rest: string }

function readText(text: string): Iperf3Data | undefined {
  const rows = matching(text, interval).map(
    ([id = '', role = '', , end, value, unit = '', rest = '']): Row => ({
      id,
      role,
      end: Number(end),
      bits: toBits(value, unit),
      rest,
    }),
  )
  const ends = rows.filter(({ rest }) => /\s(?:sender|receiver)$/.test(rest))
  const roles = [...new Set(ends.map(({ role }) => role))]
  const directions = roles.map((role) =>
    toDirection(
      ends.filter((row) => row.role === role),
      role,
    ),
  )
  const known = directions.filter((direction) => direction !== undefined)
  const [first] = ends
  if (known.length === 0 || known.length !== directions.length || known.length > 2 || first === undefined)
    return undefined
  const id = ends.some((row) => row.id === 'SUM') ? 'SUM' : first.id
  const endRows = new Set(ends)
  const points = rows
    .filter((row) => row.id === id && row.role === first.role && !endRows.has(row))
    .map(({ end, bits }) => ({ x: end, y: bits }))
  return { kind: 'measured', directions: known, points }
}

/** Returns one direction from its last lines; undefined where it isn't certain which lines are its totals. */
function toDirection(rows: readonly Row[], role: string): Direction | undefined {
  const sums = rows.filter(({ id }) => id === 'SUM')
  const totals = sums.length > 0 ? sums : rows
  const sent = totals.find(({ rest }) => rest.endsWith('sender'))
  const received = totals.find(({ rest }) => rest.endsWith('receiver'))
  if (sent === undefined || received === undefined || totals.length !== 2) return undefined
  const [, retransmitted] = /^\s+(\d+)\s+sender$/.exec(sent.rest) ?? []
  const [, jitter, lost] = /^\s+([\d.]+) ms\s+\d+\/\d+ \(([\d.e+-]+)%\)/.exec(received.rest) ?? []
  return {
    way: role === '' ? 'only' : role.startsWith('[TX') ? 'to' : 'from',
    sent: sent.bits,
    received: received.bits,
    ...(retransmitted === undefined ? {} : { retransmitted: Number(retransmitted) }),
    ...(jitter === undefined || !Number.isFinite(Number(lost)) ? {} : { jitter: Number(jitter), lost: Number(lost) }),
  }
}

function readJson(text: string): Iperf3Data | undefined {
  const report = parseJson(text)
  const error = getValue(report, 'error')
  if (typeof error === 'string') return { kind: 'not-measured', why: error }
  const isUdp = getValue(report, 'start', 'test_start', 'protocol') === 'UDP'
  const one = toJsonDirection(report, '', isUdp)
  const hasOther = getValue(report, 'end', 'sum_received_bidir_reverse') !== undefined
  const other = hasOther ? toJsonDirection(report, '_bidir_reverse', isUdp) : undefined
  if (one === undefined || (hasOther && other === undefined)) return undefined
  const intervals = getValue(report, 'intervals')
  const points = (Array.isArray(intervals) ? intervals : []).flatMap((each: unknown) => {
    const [x, y] = [getValue(each, 'sum', 'end'), getValue(each, 'sum', 'bits_per_second')]
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : []
  })
  const directions: Direction[] =
    other === undefined
      ? [one]
      : [
          { ...one, way: 'to' },
          { ...other, way: 'from' },
        ]
  return { kind: 'measured', directions, points }
}

function toJsonDirection(report: unknown, suffix: string, isUdp: boolean): Direction | undefined {
  const value = (sum: string, name: string) => {
    const number = getValue(report, 'end', `${sum}${suffix}`, name)
    return typeof number === 'number' ? number : undefined
  }
  const retransmitted = value('sum_sent', 'retransmits')
  // The losses of datagrams are the receiver's; versions before 3.7 have one sum for both sides.
  const lost = isUdp ? (value('sum', 'lost_percent') ?? value('sum_received', 'lost_percent')) : undefined
  const jitter = isUdp ? (value('sum', 'jitter_ms') ?? value('sum_received', 'jitter_ms')) : undefined
  const sent = value('sum_sent', 'bits_per_second') ?? value('sum', 'bits_per_second')
  const received =
    value('sum_received', 'bits_per_second') ??
    (lost === undefined || sent === undefined ? undefined : sent * (1 - lost / 100))
  // Of datagrams without a count of the lost ones, nothing is known.
  if (sent === undefined || received === undefined || (isUdp && lost === undefined)) return undefined
  return {
    way: 'only',
    sent,
    received,
    ...defined({ retransmitted, lost, jitter }),
  }
}

function sayIperf3(data: Iperf3Data): Insight | undefined {
  if (data.kind === 'not-measured') return { severity: 'bad', headline: `Not measured: ${data.why}`, facts: [] }
  const { directions, points } = data
  const [first] = directions
  if (first === undefined) return undefined
  return {
    severity: worstOf(directions),
    headline: capitalise(directions.map(sayDirection).join('; ')),
    facts: factsOf({
      received: toRateText(first.received),
      sent: toRateText(first.sent),
      retransmitted: first.retransmitted === undefined ? undefined : String(first.retransmitted),
      jitter: first.jitter === undefined || first.received === 0 ? undefined : `${first.jitter} ms`,
      lost: first.lost === undefined || first.received === 0 ? undefined : toPercentText(first.lost),
    }),
    ...(points.length < 3 ? {} : { chart: toChart(points) }),
  }
}

function worstOf(directions: readonly Direction[]): Insight['severity'] {
  if (directions.some(({ received }) => received === 0)) return 'bad'
  return directions.some(({ lost = 0 }) => lost > 0) ? 'warn' : 'ok'
}

function sayDirection({ way, received, lost = 0 }: Direction): string {
  const where = way === 'only' ? '' : way === 'to' ? ' there' : ' here'
  if (received === 0) return `nothing arrived${where}`
  const losses = lost > 0 ? `, ${toPercentText(lost)} of the datagrams lost` : ''
  return `${toRateText(received)} arrived${where}${losses}`
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function toPercentText(share: number): string {
  return `${share >= 10 ? Math.round(share) : Number(share.toPrecision(2))} %`
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

/** Reader of `iperf3`: throughput and lost datagrams, from text or JSON. */
export const iperf3Reader: Reader<Iperf3Data> = { read: readIperf3, say: sayIperf3 }
export const iperf3Insight = interpretWith(iperf3Reader)
