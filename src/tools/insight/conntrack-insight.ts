import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching, percent, tally } from './match-lines.ts'

/** Fill level of the connection table (0 to 1) from which its severity is `warn`, and from which it is `bad`. */
const warnLevel = 0.7
const badLevel = 0.9

/** Summarises the entries of `conntrack -L` by state, the lost connections of `-S`, or the count of `-C`. */
export const conntrackInsight: ReadOutput = ({ text, argv }) => {
  if (argv.some((arg) => arg === '-S' || arg === '--stats')) return summariseLosses(text)
  if (argv.some((arg) => arg === '-C' || arg === '--count')) {
    const [number] = /^(\d+)\n?$/.exec(text)?.slice(1) ?? []
    return number === undefined
      ? undefined
      : { severity: 'ok', headline: `${count(Number(number), 'tracked connection')}`, facts: [] }
  }
  const entries = matching(text, /^(?:ipv[46]\s+\d+ )?(\w+)\s+\d+ (?:\d+ )?(?:([A-Z_0-9]+) )?(src=\S+ dst=(\S+) .*)$/)
  if (entries.length === 0) return undefined
  const unreplied = entries.filter(([, , rest = '']) => rest.includes('[UNREPLIED]'))
  const states = tally(
    entries.map(([protocol = '', state]) => (state === '' || state === undefined ? protocol : `${protocol} ${state}`)),
  )
  const facts = factsOf({
    entries: String(entries.length),
    ...Object.fromEntries(states.slice(0, 4).map(([state, times]) => [state, String(times)])),
    'without a reply':
      unreplied.length === 0
        ? undefined
        : listed(tally(unreplied.map(([, , , to = '']) => to)).map(([to, times]) => `${to} (${times})`)),
  })
  // A datagram without a reply is normal; a TCP connection attempt without a reply is not.
  const unanswered = unreplied.filter(([, state]) => state === 'SYN_SENT')
  return unanswered.length === 0
    ? { severity: 'ok', headline: `${count(entries.length, 'tracked connection')}`, facts }
    : {
        severity: 'warn',
        headline: `${unanswered.length} of ${count(entries.length, 'tracked connection')} got no reply: ${listed(tally(unanswered.map(([, , , to = '']) => to)).map(([to]) => to))}`,
        facts,
      }
}

function summariseLosses(text: string): Insight | undefined {
  const counters = linesOf(text).flatMap((line) =>
    line.startsWith('cpu=') ? [...line.matchAll(/\b(\w+)=(\d+)/g)] : [],
  )
  if (counters.length === 0) return undefined
  const sum = (name: string) =>
    counters.reduce((total, [, key, value]) => total + (key === name ? Number(value) : 0), 0)
  const lost = ['insert_failed', 'drop', 'early_drop'].map((name) => [name, sum(name)] as const)
  const facts = factsOf(
    Object.fromEntries([...lost.map(([name, value]) => [name, String(value)]), ['invalid', String(sum('invalid'))]]),
  )
  const bad = lost.filter(([, value]) => value > 0)
  return bad.length === 0
    ? { severity: 'ok', headline: 'No connection was lost in the table', facts }
    : {
        severity: 'bad',
        headline: `Connections were lost: ${bad.map(([name, value]) => `${name} ${value}`).join(', ')} (a full table, or a race for the same entry)`,
        facts,
      }
}

/** Reports the fill level of the connection table, where `sysctl` printed both its count and its maximum. */
export const sysctlInsight: ReadOutput = ({ text }) => {
  const value = (name: string) => firstMatch(text, new RegExp(`^net\\.netfilter\\.nf_conntrack_${name} = (\\d+)$`))?.[0]
  const [used, maxEntries] = [value('count'), value('max')].map(Number)
  if (value('count') === undefined || value('max') === undefined || used === undefined || !maxEntries) return undefined
  const severity = used / maxEntries >= badLevel ? 'bad' : used / maxEntries >= warnLevel ? 'warn' : 'ok'
  return {
    severity,
    headline: `The connection table is ${percent(used, maxEntries)} full`,
    facts: factsOf({ entries: String(used), room: String(maxEntries) }),
  }
}
