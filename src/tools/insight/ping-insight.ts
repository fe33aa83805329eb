import { type Chart, type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, matching, millisecondsText, percent, type Verdict } from './insight-helpers.ts'

/** Minimum and maximum number of points of a chart: fewer aren't worth one, and more aren't readable. */
const minPoints = 4
const maxPoints = 600

/** What `ping` of iputils, inetutils, busybox or BSD proves. Times in milliseconds. */
export type PingData =
  /** It sent nothing: the name doesn't resolve, or there is no route. */
  { kind: 'not-sent'; why: 'name' | 'route'; said: string } | PingResult

/** Counts and times of one ping. */
export type PingResult = {
  kind: 'result'
  host: string
  sent: number
  received: number
  duplicates: number
  corrupted: number
  min?: number
  avg?: number
  max?: number
  mdev?: number
  /** What another host said instead of an answer: `Destination Host Unreachable`. */
  refusal?: { from: string; said: string }
  /** Why this host itself doesn't send: a rule or policy here, no route, or the size. */
  local?: 'not-permitted' | 'no-route' | 'too-long'
  /** MTU that an error names. */
  mtu?: number
  answers: readonly { x: number; y: number }[]
}

const times =
  /^(?:rtt|round-trip) min\/avg\/max(?:\/(?:mdev|stddev|std-dev))? = ([\d.]+)\/([\d.]+)\/([\d.]+)(?:\/([\d.]+))? ms/
const refusal = /^From (\S+?):? (?:\(\S+\):? )?icmp_seq=\d+ (.+)$/
const tooLong = /[Mm]essage too long, mtu[=:] ?(\d+)/

function readPing({ text }: ToolOutput): PingData | undefined {
  const lines = linesOf(text)
  const summaries = lines.flatMap((line) => parseSummary(line) ?? [])
  const [summary] = summaries
  if (summary === undefined) return readNotSent(text)
  if (summaries.length !== 1 || summary.sent === 0) return undefined
  const host = hostOf(text)
  const [min, avg, max, mdev] = firstMatch(text, times) ?? []
  // A redirect names a better way; it doesn't refuse anything.
  const [from, said] = matching(text, refusal).find(([, what = '']) => !what.startsWith('Redirect')) ?? []
  const [mtu] = firstMatch(text, tooLong) ?? []
  const local = findLocal(text)
  return {
    kind: 'result',
    host,
    ...summary,
    ...(min === undefined ? {} : { min: Number(min), avg: Number(avg), max: Number(max) }),
    ...(mdev === undefined || mdev === '' ? {} : { mdev: Number(mdev) }),
    ...(from === undefined || said === undefined ? {} : { refusal: { from, said } }),
    ...defined({ local }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    answers: lines.flatMap((line) => parseAnswer(line) ?? []),
  }
}

function readNotSent(text: string): PingData | undefined {
  const [route] = firstMatch(text, /^ping6?: (?:connect|sendto): ((?:Network is unreachable|No route to host))$/) ?? []
  if (route !== undefined) return { kind: 'not-sent', why: 'route', said: route }
  const name = firstMatch(
    text,
    /^ping6?: (?:\S+: )?((?:Name or service not known|Temporary failure in name resolution))$/,
  )
  return name?.[0] === undefined ? undefined : { kind: 'not-sent', why: 'name', said: name[0] }
}

/** Parses `5 packets transmitted, 4 received, +1 duplicates, 20% packet loss, time 4ms`, in the words of all versions. */
function parseSummary(line: string): Pick<PingResult, 'sent' | 'received' | 'duplicates' | 'corrupted'> | undefined {
  if (!/^\d+ packets transmitted, /.test(line) || !line.includes('% packet loss')) return undefined
  const parts = line.split(', ').map((part) => /^\+?(\d+) (?:packets )?([a-z]+)/.exec(part))
  const value = (word: string) => Number(parts.find((part) => part?.[2] === word)?.[1] ?? 0)
  return {
    sent: value('transmitted'),
    received: value('received'),
    duplicates: value('duplicates'),
    corrupted: value('corrupted'),
  }
}

/** Returns the host as the summary names it; old versions write `name(address` or `address(address)` at the beginning. */
function hostOf(text: string): string {
  const [host] =
    firstMatch(text, /^--- (\S+) ping6? statistics ---$/) ??
    firstMatch(text, /^PING6?\(.*--> (\S+)$/) ??
    firstMatch(text, /^PING6? ([^\s(]+)/) ??
    []
  return host ?? 'the host'
}

function findLocal(text: string): PingResult['local'] {
  const [error] = firstMatch(text, /^ping6?: sendmsg: (.+)$/) ?? firstMatch(text, /^ping6?: sendto: (.+)$/) ?? []
  if (error === 'Operation not permitted') return 'not-permitted'
  if (error === 'Network is unreachable' || error === 'No route to host') return 'no-route'
  return matching(text, /^ping6?: (?:local error: |sendmsg: )([Mm]essage too long)/).length > 0 ? 'too-long' : undefined
}

/** Parses the line of an answer: `64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.04 ms`, or `seq=1` in busybox. */
function parseAnswer(line: string): { x: number; y: number } | undefined {
  if (!/^\d+ bytes from /.test(line)) return undefined
  const [, seq] = /seq=(\d+) /.exec(line) ?? []
  const [, time] = /time=([\d.]+) ms/.exec(line) ?? []
  return seq === undefined || time === undefined ? undefined : { x: Number(seq), y: Number(time) }
}

function sayPing(data: PingData): Insight {
  if (data.kind === 'not-sent') {
    const headline = data.why === 'name' ? "The name doesn't resolve" : 'There is no route to it from here'
    return { severity: 'bad', headline: `${headline}: ${data.said}`, facts: [] }
  }
  const { host, sent, received, duplicates, min, avg, max, mdev, answers } = data
  const jitter = toJitter(answers.map(({ y }) => y))
  return {
    ...toVerdict(data),
    facts: factsOf({
      loss: received > sent ? undefined : percent(sent - received, sent),
      answered: `${received} of ${sent}`,
      duplicates: duplicates === 0 ? undefined : String(duplicates),
      'min/avg/max':
        min === undefined || avg === undefined || max === undefined
          ? undefined
          : `${min.toFixed(3)}/${avg.toFixed(3)}/${max.toFixed(3)} ms`,
      mdev: mdev === undefined ? undefined : `${mdev.toFixed(3)} ms`,
      jitter: jitter === undefined ? undefined : millisecondsText(jitter),
      'also said':
        received > 0 && data.refusal !== undefined ? `${data.refusal.from}: ${data.refusal.said}` : undefined,
    }),
    ...(answers.length < minPoints || answers.length > maxPoints ? {} : { chart: toChart(host, answers) }),
  }
}

function toVerdict(data: PingResult): Verdict {
  const { host, sent, received, duplicates, corrupted, avg } = data
  if (received === 0) return { severity: 'bad', headline: sayNoAnswer(data) }
  if (received < sent)
    return { severity: 'warn', headline: `${host} answers with ${percent(sent - received, sent)} loss` }
  if (duplicates > 0 || received > sent) {
    const times = duplicates === 0 ? '' : `: ${count(duplicates, 'duplicate')}`
    return { severity: 'warn', headline: `${host} answers, but some packets more than once${times}` }
  }
  if (corrupted > 0)
    return { severity: 'warn', headline: `${host} answers, but ${count(corrupted, 'answer')} came corrupted` }
  const average = avg === undefined ? '' : `, ${millisecondsText(avg)} on average`
  return { severity: 'ok', headline: `${host} answers: no loss${average}` }
}

function sayNoAnswer({ host, local, mtu, refusal }: PingResult): string {
  if (mtu !== undefined) return `Too big for the path to ${host}: its MTU is ${mtu}`
  if (local === 'too-long') return `Too big to be sent to ${host} from here`
  if (local === 'not-permitted')
    return `This host itself refuses to send to ${host}: a firewall rule or a network policy here`
  if (local === 'no-route') return `There is no route to ${host} from here`
  return refusal === undefined
    ? `${host} doesn't answer`
    : `${host} can't be reached: ${refusal.from} says "${refusal.said}"`
}

/** Returns the mean difference between consecutive round-trip times, in milliseconds. */
function toJitter(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? value)))
  return steps.reduce((sum, step) => sum + step, 0) / steps.length
}

function toChart(host: string, answers: readonly { x: number; y: number }[]): Chart {
  const byNumber = new Map(answers.map(({ x, y }) => [x, y]))
  const numbers = answers.map(({ x }) => x)
  const first = numbers.reduce((min, each) => Math.min(min, each), Number.POSITIVE_INFINITY)
  const last = numbers.reduce((max, each) => Math.max(max, each), 0)
  // 16-bit sequence numbers wrap around; after that, the points have no order by number and are used as they are.
  const isContiguous = last - first < maxPoints
  const points = isContiguous
    ? Array.from({ length: last - first + 1 }, (_, index) => ({
        x: first + index,
        y: byNumber.get(first + index) ?? null,
      }))
    : answers
  return { title: `Round-trip time to ${host}`, unit: 'ms', over: 'packet', points }
}

/** Reader of `ping`: loss, round-trip times, duplicates, and who refuses. */
export const pingReader: Reader<PingData> = { read: readPing, say: sayPing }
export const pingInsight = interpretWith(pingReader)
