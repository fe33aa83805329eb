import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching, percent, tally } from './lines.ts'

/** Share of the connection table from which on it deserves a word, and from which on it is nearly too late. */
const filling = 0.7
const nearlyFull = 0.9

/** Entries by state of `conntrack -L`, what was lost of `-S`, their number of `-C`. */
export const conntrackInsight: ReadOutput = ({ text, argv }) => {
  if (argv.some((word) => word === '-S' || word === '--stats')) return losses(text)
  if (argv.some((word) => word === '-C' || word === '--count')) {
    const [number] = /^(\d+)\n?$/.exec(text)?.slice(1) ?? []
    return number === undefined
      ? undefined
      : { severity: 'ok', headline: `${count(Number(number), 'tracked connection')}`, facts: [] }
  }
  const entries = matching(text, /^(?:ipv[46]\s+\d+ )?(\w+)\s+\d+ (?:\d+ )?(?:([A-Z_0-9]+) )?(src=\S+ dst=(\S+) .*)$/)
  if (entries.length === 0) return undefined
  const silent = entries.filter(([, , rest = '']) => rest.includes('[UNREPLIED]'))
  const states = tally(
    entries.map(([protocol = '', state]) => (state === '' || state === undefined ? protocol : `${protocol} ${state}`)),
  )
  const facts = factsOf({
    entries: String(entries.length),
    ...Object.fromEntries(states.slice(0, 4).map(([state, times]) => [state, String(times)])),
    'without a reply':
      silent.length === 0
        ? undefined
        : listed(tally(silent.map(([, , , to = '']) => to)).map(([to, times]) => `${to} (${times})`)),
  })
  // A datagram without a reply is nothing unusual; a connection that asks and hears nothing is.
  const asking = silent.filter(([, state]) => state === 'SYN_SENT')
  return asking.length === 0
    ? { severity: 'ok', headline: `${count(entries.length, 'tracked connection')}`, facts }
    : {
        severity: 'warn',
        headline: `${asking.length} of ${count(entries.length, 'tracked connection')} got no reply: ${listed(tally(asking.map(([, , , to = '']) => to)).map(([to]) => to))}`,
        facts,
      }
}

function losses(text: string): Insight | undefined {
  const counters = linesOf(text).flatMap((line) => (line.startsWith('cpu=') ? [...line.matchAll(/(\w+)=(\d+)/g)] : []))
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

/** How full the connection table is, where `sysctl` was asked for both of its numbers. */
export const sysctlInsight: ReadOutput = ({ text }) => {
  const value = (name: string) => firstMatch(text, new RegExp(`^net\\.netfilter\\.nf_conntrack_${name} = (\\d+)$`))?.[0]
  const [used, most] = [value('count'), value('max')].map(Number)
  if (value('count') === undefined || value('max') === undefined || used === undefined || !most) return undefined
  const severity = used / most >= nearlyFull ? 'bad' : used / most >= filling ? 'warn' : 'ok'
  return {
    severity,
    headline: `The connection table is ${percent(used, most)} full`,
    facts: factsOf({ entries: String(used), room: String(most) }),
  }
}
