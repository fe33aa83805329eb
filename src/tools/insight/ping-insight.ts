import type { Chart, Insight, ReadOutput } from '#core/request/insight'
import { factsOf, firstMatch, linesOf, matching, millisecondsText, percent } from './match-lines.ts'

/** Minimum and maximum number of points of a chart: fewer aren't worth one, and more aren't readable. */
const minPoints = 4
const maxPoints = 600

// Summary line of iputils, inetutils and busybox.
const summary =
  /^(\d+) packets transmitted, (\d+)(?: packets)? received,(?: \+\d+ duplicates,)?(?: \+(\d+) errors,)? ([\d.]+)% packet loss/
const times = /^(?:rtt|round-trip) min\/avg\/max(?:\/(?:mdev|stddev))? = ([\d.]+)\/([\d.]+)\/([\d.]+)(?:\/([\d.]+))? ms/
const problem = /^From (\S+?):? (?:\(\S+\):? )?icmp_seq=\d+ (.+)$/
const tooLong = /message too long, mtu[=:] ?(\d+)/

/** Reports loss, round-trip times and jitter from `ping` of iputils, inetutils or busybox. */
export const pingInsight: ReadOutput = ({ text }) => {
  const counted = matching(text, summary)
  const [sent, received] = (counted[0] ?? []).map(Number)
  if (counted.length !== 1 || sent === undefined || received === undefined || sent === 0) return undefined
  const host = firstMatch(text, /^PING (\S+)/)?.[0] ?? 'the host'
  const [min, avg, max, mdev] = firstMatch(text, times) ?? []
  const points = linesOf(text).flatMap((line) => parseAnswer(line) ?? [])
  const jitter = toJitter(points.map(({ y }) => y))
  return {
    ...toVerdict(text, { host, sent, received, ...(avg === undefined ? {} : { avg: Number(avg) }) }),
    facts: factsOf({
      loss: percent(sent - received, sent),
      answered: `${received} of ${sent}`,
      'min/avg/max': min === undefined ? undefined : `${min}/${avg}/${max} ms`,
      mdev: mdev === undefined || mdev === '' ? undefined : `${mdev} ms`,
      jitter: jitter === undefined ? undefined : millisecondsText(jitter),
    }),
    ...(points.length < minPoints || points.length > maxPoints ? {} : { chart: toChart(host, points) }),
  }
}

/** Parses the line of an answer: `64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.04 ms`, or `seq=1` in busybox. */
function parseAnswer(line: string): { x: number; y: number } | undefined {
  if (!/^\d+ bytes from /.test(line)) return undefined
  const [, seq] = /seq=(\d+) /.exec(line) ?? []
  const [, time] = /time=([\d.]+) ms/.exec(line) ?? []
  return seq === undefined || time === undefined ? undefined : { x: Number(seq), y: Number(time) }
}

type Counted = { host: string; sent: number; received: number; avg?: number }

function toVerdict(text: string, { host, sent, received, avg }: Counted): Pick<Insight, 'severity' | 'headline'> {
  if (received === sent) {
    const average = avg === undefined ? '' : `, ${millisecondsText(avg)} on average`
    return { severity: 'ok', headline: `${host} answers: no loss${average}` }
  }
  if (received > 0) {
    // More answers than requests are duplicates, which no summary counts as loss.
    if (received > sent) return { severity: 'warn', headline: `${host} answers more than once` }
    return { severity: 'warn', headline: `${host} answers with ${percent(sent - received, sent)} loss` }
  }
  const [mtu] = firstMatch(text, tooLong) ?? []
  if (mtu !== undefined) return { severity: 'bad', headline: `Too big for the path to ${host}: its MTU is ${mtu}` }
  const [from, what] = firstMatch(text, problem) ?? []
  if (from !== undefined && what !== undefined) {
    return { severity: 'bad', headline: `${host} can't be reached: ${from} says "${what}"` }
  }
  return { severity: 'bad', headline: `${host} doesn't answer` }
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
