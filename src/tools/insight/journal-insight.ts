import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { parseJson, toRecord } from '#core/util/json'
import { count } from '#core/util/units'
import { operandsOf, optionValues } from './arguments-of.ts'
import { countValues, factsOf, linesOf, listed, matching, tally } from './insight-helpers.ts'

/** One entry. `error`: whether its priority is an error's; undefined where it isn't known. */
export type JournalEntry = { unit: string; message: string; error: boolean | undefined }

/** What `journalctl` proves. */
export type JournalData = {
  entries: readonly JournalEntry[]
  /** True where only errors were asked for. */
  errorsOnly: boolean
  /** True where entries of lower priorities are hidden. */
  hasPriority: boolean
  /** Units that were asked for; none where all were. */
  units: readonly string[]
  /** True where a pattern or a field hides entries. */
  isFiltered: boolean
  /** Number of entries that were asked for (`-n`), where so many came. */
  limit: number | undefined
}

/** Values of `journalctl -p` for priorities 0 to 3; a range begins with the more urgent one. */
const errorPriorities = /^(?:emerg|alert|crit|err|[0-3])(?:\.\.(?:emerg|alert|crit|err|[0-3]))?$/
const entryLine = /^[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S+ ([^\s[:]+)(?:\[\d+\])?: (.*)$/
const isoLine = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* \S+ ([^\s[:]+)(?:\[\d+\])?: (.*)$/
/** Options that take the next argument. Source: journalctl(1). */
const valued =
  `-u --unit --user-unit -p --priority -n --lines -S --since -U --until -o --output -g --grep -t --identifier -b --boot
  -D --directory -c --cursor --facility -T --exclude-identifier -F --field --case-sensitive --file -M --machine`.split(
    /\s+/,
  )
/** Options that hide entries, besides units and priorities. */
const filters = [
  '-g',
  '--grep',
  '-t',
  '--identifier',
  '-k',
  '--dmesg',
  '--facility',
  '-T',
  '--user',
  '--file',
  '-D',
  '--directory',
]

function readJournal({ text, argv }: ToolOutput): JournalData | undefined {
  const units = [...optionValues(argv, 'u', '--unit'), ...optionValues(argv, '', '--user-unit')]
  const priorities = optionValues(argv, 'p', '--priority')
  const asked = {
    hasPriority: priorities.length > 0,
    errorsOnly: priorities.some((value) => errorPriorities.test(value)),
    units,
    isFiltered: operandsOf(argv, valued).length > 0 || argv.some((arg) => filters.includes(arg.split('=')[0] ?? '')),
  }
  const lines = linesOf(text).filter((line) => line !== '')
  // Another line beside it says that not everything can be seen, or that there is no journal at all.
  if (lines.includes('-- No entries --'))
    return lines.length === 1 ? { ...asked, entries: [], limit: undefined } : undefined
  const entries = parseJsonEntries(lines) ?? parseTextEntries(text, asked.errorsOnly)
  if (entries === undefined || entries.length === 0) return undefined
  const limit = Number(optionValues(argv, 'n', '--lines').at(-1))
  return { ...asked, entries, limit: entries.length === limit ? limit : undefined }
}

/** Returns the entries of lines; of those, a priority is known only where only errors were asked for. */
function parseTextEntries(text: string, errorsOnly: boolean): JournalEntry[] | undefined {
  const [first = ''] = linesOf(text)
  // Output of other programs may contain journal lines too, so the first line must be a journal line or header.
  if (!entryLine.test(first) && !isoLine.test(first) && !first.startsWith('-- ')) return undefined
  return [...matching(text, entryLine), ...matching(text, isoLine)].map(([unit = '', message = '']) => ({
    unit,
    message,
    error: errorsOnly ? true : undefined,
  }))
}

function parseJsonEntries(lines: readonly string[]): JournalEntry[] | undefined {
  if (lines.length === 0 || !lines.every((each) => each.startsWith('{') && each.includes('"PRIORITY"')))
    return undefined
  const entries = lines.map((line) => toRecord(parseJson(line)))
  if (entries.some((entry) => entry['PRIORITY'] === undefined)) return undefined
  return entries.map((entry) => {
    const text = (name: string) => (typeof entry[name] === 'string' ? entry[name] : '')
    return {
      unit: text('SYSLOG_IDENTIFIER') || text('_SYSTEMD_UNIT'),
      message: text('MESSAGE'),
      error: /^[0-3]$/.test(text('PRIORITY')),
    }
  })
}

function sayJournal(data: JournalData): Insight {
  const { entries, limit } = data
  if (entries.length === 0) return { severity: 'ok', headline: sayNothing(data), facts: [] }
  const errors = entries.filter(({ error }) => error === true)
  const units = tally(errors.map(({ unit }) => unit))
  if (errors.length > 0) {
    const more = limit === undefined || errors.length < limit ? '' : ' at least'
    return {
      severity: 'bad',
      headline: `${count(errors.length, 'error')}${more}, most from ${units[0]?.[0]}`,
      facts: factsOf({
        ...countValues(units.slice(0, 5)),
        last: errors.at(-1)?.message.slice(0, 200),
      }),
    }
  }
  const all = tally(entries.map(({ unit }) => unit))
  const facts = factsOf(countValues(all.slice(0, 5)))
  // Text lines have no priority, so it is unknown which of them are errors.
  const lines = `${count(entries.length, 'line')} of ${count(all.length, 'unit')}`
  if (entries.some(({ error }) => error === undefined)) return { severity: 'ok', headline: lines, facts }
  const among = limit === undefined ? '' : ` among the last ${limit === 1 ? '1 entry' : `${limit} entries`}`
  return { severity: 'ok', headline: `No errors${among}`, facts }
}

function sayNothing({ errorsOnly, hasPriority, units, isFiltered }: JournalData): string {
  const of = units.length === 0 ? '' : ` of ${listed(units)}`
  if (isFiltered) return `No entries${of} that match in that time`
  if (errorsOnly) return `No errors${of} in that time`
  return `No entries${of}${hasPriority ? ' of that priority' : ''} in that time`
}

/** Reader of `journalctl`: errors by unit. */
export const journalctlReader: Reader<JournalData> = { read: readJournal, say: sayJournal }
export const journalctlInsight = interpretWith(journalctlReader)
