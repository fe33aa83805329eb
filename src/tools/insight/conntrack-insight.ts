import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { hasOption } from './arguments-of.ts'
import { countTexts, countValues, factsOf, linesOf, listed, tally } from './insight-helpers.ts'

/** One tracked connection. `to` is the address that was asked for, `translated` whether it was changed (DNAT). */
export type Tracked = {
  protocol: string
  state: string | undefined
  to: string
  port: string | undefined
  unreplied: boolean
  translated: boolean
}

/** What `conntrack` proves. */
export type ConntrackData =
  /** Entries; `isFiltered` where the options hide others. */
  | { kind: 'entries'; entries: readonly Tracked[]; isFiltered: boolean }
  /** Sums over all processors since the start. */
  | { kind: 'statistics'; counters: Readonly<Record<string, number>> }
  | { kind: 'count'; entries: number }

/** Options of `conntrack -L` that hide nothing. */
const plainOptions = new Set(['-L', '--dump', '-o', '--output', 'extended', 'id', 'ktimestamp', 'conntrack', 'labels'])
const lostCounters = ['insert_failed', 'drop', 'early_drop', 'chaintoolong']

function readConntrack({ text, argv }: ToolOutput): ConntrackData | undefined {
  if (hasOption(argv, 'S', '--stats')) return readStatistics(text)
  if (hasOption(argv, 'C', '--count')) {
    const [, entries] = /^(\d+)\n?$/.exec(text) ?? []
    return entries === undefined ? undefined : { kind: 'count', entries: Number(entries) }
  }
  const entries = linesOf(text).flatMap((line) => parseEntry(line) ?? [])
  const isFiltered = argv.slice(1).some((arg) => !plainOptions.has(arg))
  return entries.length === 0 ? undefined : { kind: 'entries', entries, isFiltered }
}

function parseEntry(line: string): Tracked | undefined {
  const [, protocol = '', state, rest = ''] =
    /^(?:ipv[46]\s+\d+ )?(\w+)\s+\d+ (?:\d+ )?(?:([A-Z_0-9]+) )?(src=\S+ dst=.*)$/.exec(line) ?? []
  if (rest === '') return undefined
  const values = (name: string) =>
    rest.split(' ').flatMap((word) => (word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : []))
  const [to = ''] = values('dst')
  const [, repliedBy] = values('src')
  return {
    protocol,
    state,
    to,
    port: values('dport')[0],
    unreplied: rest.includes('[UNREPLIED]'),
    translated: repliedBy !== undefined && repliedBy !== to,
  }
}

function readStatistics(text: string): ConntrackData | undefined {
  const counters: Record<string, number> = {}
  for (const line of linesOf(text)) {
    if (!line.startsWith('cpu=')) continue
    for (const [, name = '', value] of line.matchAll(/\b([a-z_]+)=(\d+)/g))
      counters[name] = (counters[name] ?? 0) + Number(value)
  }
  // Other tables (`-S expect`) have other counters.
  return counters['insert_failed'] === undefined || counters['drop'] === undefined
    ? undefined
    : { kind: 'statistics', counters }
}

function sayConntrack(data: ConntrackData): Insight {
  if (data.kind === 'count') return { severity: 'ok', headline: count(data.entries, 'tracked connection'), facts: [] }
  return data.kind === 'statistics' ? sayStatistics(data.counters) : sayEntries(data)
}

function sayStatistics(counters: Readonly<Record<string, number>>): Insight {
  const lost = lostCounters.flatMap((name) => (counters[name] === undefined ? [] : [[name, counters[name]] as const]))
  const bad = lost.filter(([, value]) => value > 0)
  const facts = factsOf(
    Object.fromEntries([
      ...lost.map(([name, value]) => [name, String(value)]),
      ['invalid', counters['invalid'] === undefined ? undefined : String(counters['invalid'])],
    ]),
  )
  return bad.length === 0
    ? { severity: 'ok', headline: 'No connection was lost in the table', facts }
    : {
        severity: 'bad',
        headline: `Connections were lost: ${bad.map(([name, value]) => `${name} ${value}`).join(', ')} (a full table, or a race for the same entry)`,
        facts,
      }
}

function sayEntries({ entries, isFiltered }: Extract<ConntrackData, { kind: 'entries' }>): Insight {
  const unreplied = entries.filter((entry) => entry.unreplied)
  const states = tally(entries.map(({ protocol, state }) => (state ? `${protocol} ${state}` : protocol)))
  const facts = factsOf({
    entries: String(entries.length),
    ...countValues(states.slice(0, 4)),
    'without a reply': listed(countTexts(tally(unreplied.map(({ to }) => to)))),
  })
  const all = isFiltered ? count(entries.length, 'matching connection') : count(entries.length, 'tracked connection')
  // A datagram without a reply is normal; a TCP connection attempt without a reply is not.
  const unanswered = unreplied.filter(({ state }) => state === 'SYN_SENT')
  if (unanswered.length > 0) {
    const share = isFiltered ? count(unanswered.length, 'matching connection') : `${unanswered.length} of ${all}`
    return { severity: 'warn', headline: `${share} got no reply: ${listDestinations(unanswered)}`, facts }
  }
  const questions = unreplied.filter(
    ({ protocol, port, translated }) => protocol === 'udp' && port === '53' && !translated,
  )
  if (questions.length > 0) {
    return {
      severity: 'warn',
      headline: `${count(questions.length, 'DNS question')} without a reply yet, sent as addressed (no DNAT): ${listDestinations(questions)}`,
      facts,
    }
  }
  return { severity: 'ok', headline: all, facts }
}

/** Returns where connections lead, the most frequent first. */
function listDestinations(entries: readonly Tracked[]): string {
  return listed(tally(entries.map(({ to }) => to)).map(([to]) => to))
}

/** Reader of `conntrack -L`, `-S` and `-C`. */
export const conntrackReader: Reader<ConntrackData> = { read: readConntrack, say: sayConntrack }
export const conntrackInsight = interpretWith(conntrackReader)
