import type { ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, tally } from './match-lines.ts'

/** Reports the most frequent host pairs, resets and unanswered connection attempts from `tcpdump`. */
export const tcpdumpInsight: ReadOutput = ({ text }) => {
  const [captured] = firstMatch(text, /^(\d+) packets? captured$/) ?? []
  if (captured === undefined) return undefined
  const [dropped] = firstMatch(text, /^(\d+) packets? dropped by kernel$/) ?? []
  const packets = linesOf(text).flatMap(parsePacket)
  const [talkers, resets, unanswered] = [countPairs(packets), countResets(packets), findUnanswered(packets)]
  const facts = factsOf({
    packets: captured,
    talkers: talkers.length === 0 ? undefined : listed(talkers),
    resets: resets.length === 0 ? undefined : listed(resets),
    'no answer': unanswered.length === 0 ? undefined : listed(unanswered),
    'dropped by kernel': dropped === '0' ? undefined : dropped,
  })
  if (captured === '0') return { severity: 'warn', headline: 'No packets matched the filter', facts }
  if (unanswered.length > 0)
    return { severity: 'bad', headline: `Connection attempts without an answer: ${listed(unanswered)}`, facts }
  if (resets.length > 0) return { severity: 'warn', headline: `Connections were reset: ${listed(resets)}`, facts }
  const mostActive = talkers[0] === undefined ? '' : `; most between ${talkers[0]}`
  return { severity: 'ok', headline: `${count(Number(captured), 'packet')} captured${mostActive}`, facts }
}

type Packet = readonly [from: string, to: string, rest: string]
type Packets = readonly Packet[]

/** Parses a line such as `09:44:42.90 IP 10.0.0.1.56026 > 10.0.0.2.80: Flags [S], …`; other words may stand before `IP`. */
function parsePacket(line: string): Packet[] {
  const words = line.split(' ')
  const at = words.findIndex(
    (word, index) => /^IP6?$/.test(word) && words[index + 2] === '>' && /.:$/.test(words[index + 3] ?? ''),
  )
  const [from = '', , to = '', ...rest] = words.slice(at + 1)
  return at === -1 || from === '' ? [] : [[from, to.slice(0, -1), rest.join(' ')]]
}

/** Removes the port, whose name or number follows the last dot. */
function removePort(end: string): string {
  return /^(?:\d+\.){3}\d+$/.test(end) ? end : end.replace(/\.[^.]*$/, '')
}

function countPairs(packets: Packets): string[] {
  const names = packets.map(([from = '', to = '']) => [removePort(from), removePort(to)].sort().join(' and '))
  return tally(names).map(([pair, times]) => `${pair} (${times})`)
}

function countResets(packets: Packets): string[] {
  const from = packets.filter(([, , rest = '']) => /^Flags \[R/.test(rest)).map(([who = '']) => who)
  return tally(from).map(([who, times]) => (times === 1 ? `by ${who}` : `by ${who} (${times})`))
}

/**
 * Returns the destinations of connection attempts (SYN) that were repeated and never answered. A single attempt doesn't
 * count: the capture may have ended before its answer.
 */
function findUnanswered(packets: Packets): string[] {
  const asked = packets.filter(([, , rest = '']) => rest.startsWith('Flags [S],'))
  const answering = new Set(packets.map(([from = '', to = '']) => `${from}>${to}`))
  const silent = asked.filter(([from = '', to = '']) => !answering.has(`${to}>${from}`))
  const repeated = tally(silent.map(([from = '', to = '']) => `${from}>${to}`)).filter(([, times]) => times > 1)
  return [...new Set(repeated.map(([pair]) => pair.split('>')[1] ?? ''))]
}
