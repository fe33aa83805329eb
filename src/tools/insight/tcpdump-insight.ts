import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { operandsOf, optionValues } from './arguments-of.ts'
import { countTexts, factsOf, firstMatch, linesOf, listed, matching, tally } from './insight-helpers.ts'

/** One packet of IP, as one line prints it. `seconds` since midnight, where the time is printed so. */
export type Packet = { from: string; to: string; rest: string; seconds: number | undefined }

/** What a capture proves. */
export type TcpdumpData = {
  captured: number
  droppedByKernel: number
  packets: readonly Packet[]
  /** Addresses that ARP asked for more than once, without a reply in the capture. */
  unansweredArp: readonly string[]
  hasFilter: boolean
  /** False where the filter, the direction or lost packets may hide the answers. */
  showsAnswers: boolean
}

/** Options that take the next argument. Source: tcpdump(1). */
const valued = '-B -c -C -E -F -G -i -j -m -M -Q -r -s -T -V -w -W -y -z --interface --direction --count'.split(' ')
/** Words of a filter that let only one direction, or certain packets, pass. */
const oneSided =
  /^(?:src|dst|inbound|outbound|broadcast|multicast|less|greater|ether|gateway)$|\[|[&=<>!]|^(?:not|syn|ack|rst)$/
/** Seconds after which a SYN is sent again at the earliest: nearer ones may be one packet, seen on two links. */
const minRetrySeconds = 0.5

function readTcpdump({ text, argv }: ToolOutput): TcpdumpData | undefined {
  const [captured] = firstMatch(text, /^(\d+) packets? captured$/) ?? []
  if (captured === undefined) return undefined
  const [dropped = '0'] = firstMatch(text, /^(\d+) packets? dropped by kernel$/) ?? []
  const filter = operandsOf(argv, valued).flatMap((word) => word.split(/\s+/))
  const directions = optionValues(argv, 'Q', '--direction')
  const isOneSided = filter.some((word) => oneSided.test(word)) || directions.some((direction) => direction !== 'inout')
  return {
    captured: Number(captured),
    droppedByKernel: Number(dropped),
    packets: linesOf(text).flatMap((line) => parsePacket(line) ?? []),
    unansweredArp: findUnansweredArp(text),
    hasFilter: filter.length > 0,
    showsAnswers: !isOneSided && dropped === '0',
  }
}

/** Parses a line such as `09:44:42.90 IP 10.0.0.1.56026 > 10.0.0.2.80: Flags [S], …`; other words may precede `IP`. */
function parsePacket(line: string): Packet | undefined {
  const words = line.split(' ')
  const at = words.findIndex(
    (word, index) => /^IP6?$/.test(word) && words[index + 2] === '>' && /.:$/.test(words[index + 3] ?? ''),
  )
  const [from = '', , to = '', ...rest] = words.slice(at + 1)
  if (at === -1 || from === '') return undefined
  const [, hours, minutes, seconds] = /(?:^| )(\d\d):(\d\d):(\d\d\.\d+) /.exec(line.slice(0, 60)) ?? []
  return {
    from,
    to: to.slice(0, -1),
    rest: rest.join(' '),
    seconds: hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds),
  }
}

function findUnansweredArp(text: string): string[] {
  const asked = matching(text, /\bARP, Request who-has (\S+?)(?: \(\S+\))? tell /).map(([address = '']) => address)
  const replied = new Set(matching(text, /\bARP, Reply (\S+) is-at /).map(([address = '']) => address))
  return tally(asked.filter((address) => !replied.has(address)))
    .filter(([, times]) => times > 1)
    .map(([address]) => address)
}

function sayTcpdump(data: TcpdumpData): Insight {
  const { captured, packets, unansweredArp, hasFilter, showsAnswers, droppedByKernel } = data
  const [talkers, resets, unanswered] = [countPairs(packets), countResets(packets), findUnanswered(packets)]
  const facts = factsOf({
    packets: String(captured),
    talkers: listed(talkers),
    resets: listed(resets),
    'no answer': showsAnswers ? listed(unanswered) : undefined,
    'dropped by kernel': droppedByKernel === 0 ? undefined : String(droppedByKernel),
  })
  if (captured === 0)
    return { severity: 'warn', headline: hasFilter ? 'No packets matched the filter' : 'No packets came', facts }
  if (unanswered.length > 0 && showsAnswers)
    return { severity: 'bad', headline: `Connection attempts without an answer: ${listed(unanswered)}`, facts }
  if (resets.length > 0) return { severity: 'warn', headline: `Connections were reset: ${listed(resets)}`, facts }
  if (unansweredArp.length > 0 && showsAnswers)
    return { severity: 'warn', headline: `Nobody answers ARP for ${listed(unansweredArp)}`, facts }
  if (unanswered.length > 0) {
    const headline = `Connection attempts were repeated: ${listed(unanswered)}; answers may be hidden from this capture`
    return { severity: 'warn', headline, facts }
  }
  const mostActive = talkers[0] === undefined ? '' : `; most between ${talkers[0]}`
  return { severity: 'ok', headline: `${count(captured, 'packet')} captured${mostActive}`, facts }
}

/** Removes the port, whose name or number follows the last dot. */
function removePort(end: string): string {
  return /^(?:\d+\.){3}\d+$/.test(end) ? end : end.replace(/\.[^.]*$/, '')
}

function countPairs(packets: readonly Packet[]): string[] {
  const names = packets.map(({ from, to }) => [removePort(from), removePort(to)].sort().join(' and '))
  return countTexts(tally(names))
}

function countResets(packets: readonly Packet[]): string[] {
  const from = packets.filter(({ rest }) => /^Flags \[R/.test(rest)).map((packet) => packet.from)
  return tally(from).map(([who, times]) => (times === 1 ? `by ${who}` : `by ${who} (${times})`))
}

/**
 * Returns the destinations of connection attempts (SYN) that were repeated and never answered. A single attempt doesn't
 * count: the capture may have ended before its answer.
 */
function findUnanswered(packets: readonly Packet[]): string[] {
  const answering = new Set(packets.map(({ from, to }) => `${from}>${to}`))
  const silent = packets.filter(
    ({ from, to, rest }) => /^Flags \[S[EW]*\],/.test(rest) && !answering.has(`${to}>${from}`),
  )
  const byPair = Map.groupBy(silent, ({ from, to }) => `${from}>${to}`)
  const repeated = [...byPair.values()].filter((attempts) => {
    const [first, last] = [attempts[0]?.seconds, attempts.at(-1)?.seconds]
    return attempts.length > 1 && first !== undefined && last !== undefined && last - first >= minRetrySeconds
  })
  return [...new Set(repeated.map(([first]) => first?.to ?? ''))]
}

/** Reader of `tcpdump`: pairs of hosts, resets, and what got no answer. */
export const tcpdumpReader: Reader<TcpdumpData> = { read: readTcpdump, say: sayTcpdump }
export const tcpdumpInsight = interpretWith(tcpdumpReader)
