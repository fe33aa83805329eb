import type { ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, listed, matching, tally } from './lines.ts'

/** Who talks, who refuses and who gets no answer, in what `tcpdump` saw. */
export const tcpdumpInsight: ReadOutput = ({ text }) => {
  const [captured] = firstMatch(text, /^(\d+) packets? captured$/) ?? []
  if (captured === undefined) return undefined
  const [dropped] = firstMatch(text, /^(\d+) packets? dropped by kernel$/) ?? []
  const packets = matching(text, /^(?:\S+ +)*?IP6? (\S+) > (\S+): (.*)$/)
  const [talkers, resets, unanswered] = [pairs(packets), resetsIn(packets), unansweredIn(packets)]
  const facts = factsOf({
    packets: captured,
    talkers: talkers.length === 0 ? undefined : listed(talkers),
    resets: resets.length === 0 ? undefined : listed(resets),
    'no answer': unanswered.length === 0 ? undefined : listed(unanswered),
    'dropped by kernel': dropped === '0' ? undefined : dropped,
  })
  if (captured === '0') return { severity: 'warn', headline: 'Nothing was seen that fits the filter', facts }
  if (unanswered.length > 0)
    return { severity: 'bad', headline: `Asked and got no answer: ${listed(unanswered)}`, facts }
  if (resets.length > 0) return { severity: 'warn', headline: `Connections were reset: ${listed(resets)}`, facts }
  const most = talkers[0] === undefined ? '' : `; most between ${talkers[0]}`
  return { severity: 'ok', headline: `${count(Number(captured), 'packet')} captured${most}`, facts }
}

type Packets = readonly (readonly string[])[]

/** Without the port, whose name or number stands behind the last dot. */
function hostOf(end: string): string {
  return /^(?:\d+\.){3}\d+$/.test(end) ? end : end.replace(/\.[^.]*$/, '')
}

function pairs(packets: Packets): string[] {
  const names = packets.map(([from = '', to = '']) => [hostOf(from), hostOf(to)].sort().join(' and '))
  return tally(names).map(([pair, times]) => `${pair} (${times})`)
}

function resetsIn(packets: Packets): string[] {
  const from = packets.filter(([, , rest = '']) => /^Flags \[R/.test(rest)).map(([who = '']) => who)
  return tally(from).map(([who, times]) => (times === 1 ? `by ${who}` : `by ${who} (${times})`))
}

/** Connections that were asked for more than once, and of which nothing came back: one question may just be the last thing seen. */
function unansweredIn(packets: Packets): string[] {
  const asked = packets.filter(([, , rest = '']) => rest.startsWith('Flags [S],'))
  const answering = new Set(packets.map(([from = '', to = '']) => `${from}>${to}`))
  const silent = asked.filter(([from = '', to = '']) => !answering.has(`${to}>${from}`))
  const again = tally(silent.map(([from = '', to = '']) => `${from}>${to}`)).filter(([, times]) => times > 1)
  return [...new Set(again.map(([pair]) => pair.split('>')[1] ?? ''))]
}
