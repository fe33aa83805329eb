import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { getValue, parseJson, toList, toRecord } from '#core/util/json'
import { count } from '#core/util/units'
import { optionValues } from './arguments-of.ts'
import { addressForm, factsOf, linesOf, listed, matching, millisecondsText, type Verdict } from './insight-helpers.ts'

/** One hop of `mtr`; `host` is undefined where it is silent. `loss` in percent, `avg` in milliseconds. */
export type MtrHop = { number: number; host: string | undefined; loss: number; avg?: number }

/** What `mtr` proves. `isDestination`: whether the last hop is what was asked for; undefined where it can't be known. */
export type MtrData = {
  hops: readonly MtrHop[]
  isDestination: boolean | undefined
  /** Address that was asked for. Undefined where it was a name. */
  destination: string | undefined
  /** True where the last hop is the last that was allowed (`-m`). */
  isAtLimit: boolean
}

/** Number of mtr's default columns: Loss% Snt Last Avg Best Wrst StDev. */
const mtrColumns = 7

function readMtr({ text, argv }: ToolOutput): MtrData | undefined {
  const report = text.startsWith('{') ? toRecord(getValue(parseJson(text), 'report')) : undefined
  const hops = report === undefined ? parseReport(text) : parseMtrJson(report)
  if (hops === undefined) return undefined
  const last = hops.at(-1)
  const to = getValue(report, 'mtr', 'dst')
  const destination = [...argv, ...(typeof to === 'string' ? [to] : [])].findLast((arg) => addressForm.test(arg))
  const isComparable = destination !== undefined && last?.host !== undefined && addressForm.test(last.host)
  const [limit] = optionValues(argv, 'm', '--max-ttl')
  return {
    hops,
    destination,
    isDestination: isComparable ? last.host?.toLowerCase() === destination.toLowerCase() : undefined,
    isAtLimit: last !== undefined && String(last.number) === limit,
  }
}

function parseReport(text: string): MtrHop[] | undefined {
  if (!/^HOST: .*\sLoss%\s+Snt\s+Last\s+Avg\s+Best\s+Wrst\s+StDev$/m.test(text)) return undefined
  return linesOf(text).flatMap((line) => parseHop(line) ?? [])
}

/** Parses a line of mtr: the number, the autonomous system (`-z`), the host, and seven columns of numbers. */
function parseHop(line: string): MtrHop | undefined {
  const [first = '', ...fields] = line.trim().split(/\s+/)
  const [, number] = /^(\d+)\.(?:\|?--)?$/.exec(first) ?? []
  const [loss = '', sent = '', ...times] = fields.slice(-mtrColumns)
  const names = fields.slice(0, -mtrColumns)
  if (names.length > 1 && /^AS(?:\d+|\?\?\?)$/.test(names[0] ?? '')) names.shift()
  const host = names.join(' ')
  const areNumbers = /^\d+$/.test(sent) && [loss.replace(/%$/, ''), ...times].every((time) => /^[\d.]+$/.test(time))
  if (number === undefined || host === '' || !areNumbers) return undefined
  return {
    number: Number(number),
    host: host === '???' ? undefined : host,
    loss: Number.parseFloat(loss),
    avg: Number(times[1]),
  }
}

function parseMtrJson(report: Readonly<Record<string, unknown>>): MtrHop[] | undefined {
  if (!Array.isArray(report['hubs'])) return undefined
  const hops = toList(report['hubs']).flatMap((hub): MtrHop[] => {
    const [number, host, loss, avg] = [hub['count'], hub['host'], hub['Loss%'], hub['Avg']]
    if (typeof host !== 'string' || typeof loss !== 'number' || !Number.isInteger(Number(number))) return []
    return [
      {
        number: Number(number),
        host: host === '???' ? undefined : host,
        loss,
        ...(typeof avg === 'number' ? { avg } : {}),
      },
    ]
  })
  return hops.length === report['hubs'].length ? hops : undefined
}

function sayMtr(data: MtrData): Insight {
  const { hops } = data
  const last = hops.at(-1)
  if (last === undefined) return { severity: 'bad', headline: 'No hop answered', facts: [] }
  const facts = factsOf({
    hops: String(hops.length),
    'last hop': last.host ?? 'silent',
    loss: `${last.loss} %`,
    average: last.host === undefined || last.avg === undefined ? undefined : millisecondsText(last.avg),
    silent: listHops(hops.slice(0, -1).filter(({ host }) => host === undefined)),
  })
  return { ...toMtrVerdict(data, last), facts }
}

function toMtrVerdict(data: MtrData, last: MtrHop): Verdict {
  const { hops, destination } = data
  if (data.isAtLimit && data.isDestination !== true) {
    const silent = hops.filter(({ host }) => host === undefined).length
    const rest = silent === 0 ? 'all of them answer' : `${silent} of them silent`
    return { severity: 'ok', headline: `Ended by the limit of ${count(last.number, 'hop')}: ${rest}` }
  }
  if (data.isDestination === false && last.loss < 100) {
    return {
      severity: 'warn',
      headline: `${destination} is not among the hops: the last that answered is ${last.number} (${last.host})`,
    }
  }
  if (last.loss === 0) {
    // Routers limit their own answers, so loss at hops in between is ignored where the last hop has none.
    return { severity: 'ok', headline: `No loss to ${last.host ?? 'the last hop'} in ${count(hops.length, 'hop')}` }
  }
  const lastWithoutLoss = hops.findLastIndex(({ loss }) => loss === 0)
  const firstWithLoss = hops[lastWithoutLoss + 1] ?? last
  const where = `hop ${firstWithLoss.number}${firstWithLoss.host === undefined ? '' : ` (${firstWithLoss.host})`}`
  if (last.loss >= 100) {
    const seen = hops.findLast(({ host }) => host !== undefined)
    const far = seen === undefined ? 'no hop answered' : `the last hop that answered is ${seen.number} (${seen.host})`
    return { severity: 'bad', headline: `No reply from the destination: ${far}` }
  }
  return { severity: 'warn', headline: `${last.loss} % loss at the destination; it begins at ${where}` }
}

function listHops(hops: readonly { number: number }[]): string {
  return listed(hops.map(({ number }) => `hop ${number}`))
}

/** Reader of `mtr --report` with its default columns, and of `mtr --json`: the hop at which loss begins. */
export const mtrReader: Reader<MtrData> = { read: readMtr, say: sayMtr }
export const mtrInsight = interpretWith(mtrReader)

/** One hop of `traceroute`: the hosts that answered, the annotation after a time (`!H`), and the times in milliseconds. */
export type TracedHop = { number: number; hosts: readonly string[]; said: string | undefined; times: readonly number[] }

/** What `traceroute` of Linux, inetutils, busybox or BSD proves. */
export type TracerouteData = {
  name: string
  address: string
  hops: readonly TracedHop[]
  /** Greatest number of hops that it tries. Undefined where it isn't printed. */
  limit: number | undefined
}

function readTraceroute({ text }: ToolOutput): TracerouteData | undefined {
  const heading = linesOf(text).find((line) => /^traceroute6? to \S/.test(line)) ?? ''
  const [, name, to] = /^traceroute6? to (\S+) \(([^\s()]+)\)/.exec(heading) ?? []
  if (name === undefined || to === undefined) return undefined
  const hops = matching(text, /^\s{0,2}(\d+)(\s.*)$/).map(([number, line = '']) => ({
    number: Number(number),
    hosts: [...line.matchAll(/(?<![\w.!:])((?:\d{1,3}\.){3}\d{1,3}|[\da-f]*:[\da-f:]+)/gi)].map(
      ([, host = '']) => host,
    ),
    said: /(![A-Z]\S*|!\d+)/.exec(line)?.[1],
    times: [...line.matchAll(/(?<![\d.])([\d.]+) ?ms/g)].map(([, time]) => Number(time)),
  }))
  const [, limit] = /\b(\d{1,3}) hops max/.exec(heading) ?? []
  return hops.length === 0
    ? undefined
    : { name, address: to, hops, limit: limit === undefined ? undefined : Number(limit) }
}

function sayTraceroute({ name, address: to, hops, limit }: TracerouteData): Insight {
  const seen = hops.findLast(({ hosts }) => hosts.length > 0)
  const arrived = seen?.hosts.includes(to) === true
  const silent = hops.filter(({ hosts, number }) => hosts.length === 0 && number < (seen?.number ?? 0))
  const best = arrived
    ? seen.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
    : Number.NaN
  const facts = factsOf({
    hops: seen === undefined ? undefined : String(seen.number),
    'fastest answer': Number.isFinite(best) ? millisecondsText(best) : undefined,
    silent: listHops(silent),
  })
  if (seen === undefined) return { severity: 'bad', headline: `${name} is not reached: no hop answered`, facts }
  if (arrived) {
    const rejects = seen.said === undefined ? '' : `; it rejects the probes: it says ${explainMark(seen.said)}`
    return { severity: 'ok', headline: `${name} is reached in ${count(seen.number, 'hop')}${rejects}`, facts }
  }
  if (seen.said === undefined && seen.number === limit) {
    return { severity: 'warn', headline: `Ended by its limit of ${limit} hops, before ${name}`, facts }
  }
  const where = `hop ${seen.number} (${seen.hosts[0]})`
  const headline =
    seen.said === undefined
      ? `${name} is not reached: the last hop that answered is ${where}`
      : `${name} is not reached: ${where} says ${explainMark(seen.said)}`
  return { severity: 'bad', headline, facts }
}

/** Explains an annotation after a time, such as `!H`. Source: traceroute(8). */
function explainMark(mark: string): string {
  const meanings: Readonly<Record<string, string>> = {
    '!H': 'that the host is unreachable',
    '!N': 'that the network is unreachable',
    '!X': 'that it is prohibited by a firewall',
    '!P': 'that the protocol is unreachable',
    '!F': 'that the packet is too big',
  }
  return meanings[mark.slice(0, 2)] ?? mark
}

/** Reader of `traceroute`: how far the packets got. */
export const tracerouteReader: Reader<TracerouteData> = { read: readTraceroute, say: sayTraceroute }
export const tracerouteInsight = interpretWith(tracerouteReader)
