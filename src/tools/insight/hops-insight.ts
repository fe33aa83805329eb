import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching, millisecondsText } from './match-lines.ts'

type Hop = { number: number; host: string | undefined; loss: number; avg?: number }

/** Reports the hop at which packet loss begins, from `mtr --report` with its default columns. */
export const mtrInsight: ReadOutput = ({ text }) => {
  if (!/^HOST: .*\sLoss%\s+Snt\s+Last\s+Avg\s+Best\s+Wrst\s+StDev$/m.test(text)) return undefined
  const hops = linesOf(text).flatMap((line) => parseHop(line) ?? [])
  const last = hops.at(-1)
  if (last === undefined) return { severity: 'bad', headline: 'No hop answered', facts: [] }
  const facts = factsOf({
    hops: String(hops.length),
    'last hop': last.host ?? 'silent',
    loss: `${last.loss} %`,
    average: last.host === undefined || last.avg === undefined ? undefined : millisecondsText(last.avg),
    silent: listSilentHops(hops.slice(0, -1)),
  })
  return { ...toMtrVerdict(hops, last), facts }
}

/** Parses a line of mtr: the number, the host, and seven columns of numbers. */
function parseHop(line: string): Hop | undefined {
  const [first = '', ...fields] = line.trim().split(/\s+/)
  const [, number] = /^(\d+)\.\|?--$/.exec(first) ?? []
  const [loss = '', sent = '', ...times] = fields.slice(-mtrColumns)
  const host = fields.slice(0, -mtrColumns).join(' ')
  const areNumbers = /^\d+$/.test(sent) && [loss.replace(/%$/, ''), ...times].every((time) => /^[\d.]+$/.test(time))
  if (number === undefined || host === '' || !areNumbers) return undefined
  return {
    number: Number(number),
    host: host === '???' ? undefined : host,
    loss: Number.parseFloat(loss),
    avg: Number(times[1]),
  }
}

/** Number of mtr's default columns: Loss% Snt Last Avg Best Wrst StDev. */
const mtrColumns = 7

function toMtrVerdict(hops: readonly Hop[], last: Hop): Pick<Insight, 'severity' | 'headline'> {
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

function listSilentHops(hops: readonly Hop[]): string | undefined {
  const silent = hops.filter(({ host }) => host === undefined).map(({ number }) => `hop ${number}`)
  return silent.length === 0 ? undefined : listed(silent)
}

/** Reports how far `traceroute` of Linux, inetutils or busybox got. */
export const tracerouteInsight: ReadOutput = ({ text }) => {
  const [name, address] = firstMatch(text, /^traceroute to (\S+) \((\S+?)\),/) ?? []
  if (name === undefined || address === undefined) return undefined
  const hops = matching(text, /^\s{0,2}(\d+)(\s.*)$/).map(([number, rest = '']) => ({
    number: Number(number),
    hosts: [...rest.matchAll(/(?<![\w.!:])((?:\d{1,3}\.){3}\d{1,3}|[\da-f]*:[\da-f:]+)/gi)].map(
      ([, host = '']) => host,
    ),
    said: /(![A-Z]\S*|!\d+)/.exec(rest)?.[1],
    times: [...rest.matchAll(/(?<![\d.])([\d.]+) ?ms/g)].map(([, time]) => Number(time)),
  }))
  if (hops.length === 0) return undefined
  const seen = hops.findLast(({ hosts }) => hosts.length > 0)
  const arrived = seen?.hosts.includes(address) === true
  const silent = hops.filter(({ hosts, number }) => hosts.length === 0 && number < (seen?.number ?? 0))
  const best = arrived
    ? seen.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
    : Number.NaN
  const facts = factsOf({
    hops: seen === undefined ? undefined : String(seen.number),
    'fastest answer': Number.isFinite(best) ? millisecondsText(best) : undefined,
    silent: silent.length === 0 ? undefined : listed(silent.map(({ number }) => `hop ${number}`)),
  })
  if (arrived && seen.said === undefined) {
    return { severity: 'ok', headline: `${name} is reached in ${count(seen.number, 'hop')}`, facts }
  }
  if (seen === undefined) return { severity: 'bad', headline: `${name} is not reached: no hop answered`, facts }
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
