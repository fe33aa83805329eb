import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching, tally } from './match-lines.ts'

/** Reports failed units from `systemctl list-units` and `--failed`, or the state of one unit from `systemctl status`. */
export const systemctlInsight: ReadOutput = ({ text }) => {
  const loaded = firstMatch(text, /^(\d+) loaded units listed\./)
  if (loaded !== undefined) return toListInsight(text, Number(loaded[0]))
  const units = matching(text, /^[●○×↻*] (\S+?)(?: - .*)?$/)
  const states = matching(text, /^\s+Active: (\w+)((?: \([^)]+\))*)(?: since (.+?))?$/)
  const [[unit] = [], ...others] = units
  const [state, detail, since] = states[0] ?? []
  if (unit === undefined || others.length > 0 || states.length !== 1 || state === undefined) return undefined
  const [main] = firstMatch(text, /^\s+Main PID: (\d+)/) ?? []
  const [memory] = firstMatch(text, /^\s+Memory: (\S+)/) ?? []
  const severity = state === 'active' ? 'ok' : state === 'failed' ? 'bad' : 'warn'
  return {
    severity,
    headline: `${unit} ${state === 'failed' ? 'has failed' : `is ${state}`}${(detail ?? '').replaceAll('Result: ', '')}`,
    facts: factsOf({ since, 'main PID': main, memory }),
  }
}

function toListInsight(text: string, total: number): Insight {
  const rows = matching(text, /^[●×*]?\s*(\S+\.\w+)\s+(loaded|not-found|masked|error)\s+(\w+)\s+(\S+)/)
  const failed = rows.filter(([, , active]) => active === 'failed').map(([unit = '']) => unit)
  const facts = factsOf({ units: String(total), failed: failed.length === 0 ? undefined : listed(failed, 6) })
  return failed.length === 0
    ? { severity: 'ok', headline: 'No failed units', facts }
    : { severity: 'bad', headline: `${count(failed.length, 'failed unit')}: ${listed(failed)}`, facts }
}

/** Values of `journalctl -p` for priorities 0 to 3; a range begins with the more urgent one. */
const errorsOnly = /^(?:emerg|alert|crit|err|[0-3])(?:\.\.(?:emerg|alert|crit|err|[0-3]))?$/
const line = /^[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S+ ([^\s[:]+)(?:\[\d+\])?: (.*)$/
const isoLine = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* \S+ ([^\s[:]+)(?:\[\d+\])?: (.*)$/

/**
 * Reports errors by unit from `journalctl`. An entry's priority is known only where only errors were requested or where
 * the output is JSON.
 */
export const journalctlInsight: ReadOutput = ({ text, argv }) => {
  if (/^-- No entries --$/m.test(text)) {
    return {
      severity: 'ok',
      headline: requestsErrorsOnly(argv) ? 'No errors in that time' : 'No entries in that time',
      facts: [],
    }
  }
  const fromJson = parseJsonEntries(text)
  const [first = ''] = linesOf(text)
  // Output of other programs may contain journal lines too, so the first line must be a journal line or header.
  if (fromJson === undefined && !line.test(first) && !isoLine.test(first) && !first.startsWith('-- ')) return undefined
  const entries =
    fromJson ??
    [...matching(text, line), ...matching(text, isoLine)].map(([unit = '', message = '']) => ({
      unit,
      message,
      error: requestsErrorsOnly(argv),
    }))
  if (entries.length === 0) return undefined
  const errors = entries.filter(({ error }) => error)
  const units = tally(errors.map(({ unit }) => unit))
  if (errors.length > 0) {
    return {
      severity: 'bad',
      headline: `${count(errors.length, 'error')}, most from ${units[0]?.[0]}`,
      facts: factsOf({
        ...Object.fromEntries(units.slice(0, 5).map(([unit, times]) => [unit, String(times)])),
        last: errors.at(-1)?.message.slice(0, 200),
      }),
    }
  }
  const all = tally(entries.map(({ unit }) => unit))
  const facts = factsOf(Object.fromEntries(all.slice(0, 5).map(([unit, times]) => [unit, String(times)])))
  // Text lines have no priority, so it is unknown which of them are errors.
  const headline =
    fromJson === undefined ? `${count(entries.length, 'line')} of ${count(all.length, 'unit')}` : 'No errors'
  return { severity: 'ok', headline, facts }
}

function requestsErrorsOnly(argv: readonly string[]): boolean {
  return argv.some((arg, index) => {
    const before = argv[index - 1]
    if (before === '-p' || before === '--priority') return errorsOnly.test(arg)
    const [, glued] = /^(?:--priority=|-p)(.+)$/.exec(arg) ?? []
    return glued !== undefined && errorsOnly.test(glued)
  })
}

function parseJsonEntries(text: string): { unit: string; message: string; error: boolean }[] | undefined {
  const lines = linesOf(text).filter((each) => each !== '')
  if (lines.length === 0 || !lines.every((each) => each.startsWith('{') && each.includes('"PRIORITY"')))
    return undefined
  try {
    return lines.map((each) => {
      const entry = JSON.parse(each) as Record<string, unknown>
      const text = (name: string) => (typeof entry[name] === 'string' ? entry[name] : '')
      return {
        unit: text('SYSLOG_IDENTIFIER') || text('_SYSTEMD_UNIT'),
        message: text('MESSAGE'),
        error: /^[0-3]$/.test(text('PRIORITY')),
      }
    })
  } catch {
    return undefined
  }
}
