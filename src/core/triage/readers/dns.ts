import { toNumber } from '../measures.ts'
import type { MeasuredOutput, NamedReader } from './generic.ts'

/** Statuses that say that a name server works, whatever it knows. */
const works = new Set(['NOERROR', 'NXDOMAIN'])

const statusOf = ({ measures }: MeasuredOutput) =>
  typeof measures?.['status'] === 'string' ? measures['status'] : undefined
const isAnswered = (output: MeasuredOutput) => works.has(statusOf(output) ?? '')

/** Reads the same question over UDP and over TCP. `only`: the protocol by which alone it is answered. */
export const readBothProtocols: NamedReader = ([overUdp, overTcp]) => {
  if (overUdp === undefined || overTcp === undefined) return undefined
  if (statusOf(overUdp) === undefined && statusOf(overTcp) === undefined) return undefined
  const [udp, tcp] = [isAnswered(overUdp), isAnswered(overTcp)]
  return { only: udp === tcp ? 'both' : udp ? 'UDP' : 'TCP', blocked: udp === tcp ? 'none' : udp ? 'TCP' : 'UDP' }
}

/** Reads many answers to one question: the slowest one, and how many there were none of. */
export const readAnswerTimes: NamedReader = (outputs) => {
  const known = outputs.filter((output) => statusOf(output) !== undefined)
  if (known.length === 0) return undefined
  const times = known.flatMap(({ measures }) => toNumber(measures?.['ms']) ?? [])
  const unanswered = known.filter((output) => statusOf(output) === 'none').length
  return {
    asked: known.length,
    unanswered,
    slowest: Math.max(0, ...times),
    slow: times.filter((time) => time >= 4_500).length,
  }
}

/** Reads `/etc/resolv.conf`: its name servers and search domains, and what `ndots` makes of them. */
export const readResolvConf: NamedReader = ([output]) => {
  const lines = (output?.text ?? '').split('\n').map((line) => line.trim())
  const values = (name: string) =>
    lines.flatMap((line) =>
      line.startsWith(`${name} `) || line.startsWith(`${name}\t`) ? line.split(/\s+/).slice(1) : [],
    )
  const servers = values('nameserver')
  if (servers.length === 0) return undefined
  const ndots = values('options').flatMap((option) => /^ndots:(\d{1,2})$/.exec(option)?.[1] ?? [])[0]
  const searches =
    lines
      .findLast((line) => /^search\s/.test(line))
      ?.split(/\s+/)
      .slice(1) ?? []
  return {
    servers,
    count: servers.length,
    local: servers.filter((server) => server.startsWith('127.')),
    searches: searches.length,
    ndots: Number(ndots ?? 1),
    queries: Number(ndots ?? 1) > 1 ? searches.length + 1 : 1,
    all: servers.join(' '),
  }
}
