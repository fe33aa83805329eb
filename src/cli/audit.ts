import type { AuditLog } from '#core/ports/store'
import type { AuditEntry } from '#core/runs/audit-record'
import { UserError } from '#src/app/user-error'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'
import { withInfrastructure } from './with-infrastructure.ts'

const options = {
  config: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  person: { type: 'string' },
  target: { type: 'string' },
  run: { type: 'string' },
  output: { type: 'string', short: 'o', default: 'json' },
  head: { type: 'string' },
} as const

type ExportFilter = {
  since: number
  until: number
  person: string | undefined
  target: string | undefined
  run: string | undefined
}

/**
 * `audit verify`: returns 0 when the chain is intact, 1 with the position where it isn't; with `--head NUMBER:HASH` the
 * chain must also contain that record, which a process has logged before. `audit export`: prints the records, and
 * returns 1 when the chain isn't intact.
 */
export async function audit(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv
  const { values } = readOptions(rest, options)
  if (verb !== 'verify' && verb !== 'export')
    throw new UserError('bad-usage', 'Usage: `audit verify` or `audit export`.')
  if (values.output !== 'json' && values.output !== 'csv') {
    throw new UserError('bad-usage', `"${values.output}" is not a valid output format; use json or csv.`)
  }
  const filter = {
    since: parseInstant(values.since, Number.NEGATIVE_INFINITY),
    until: parseInstant(values.until, Number.POSITIVE_INFINITY),
    person: values.person,
    target: values.target,
    run: values.run,
  }
  const { output } = values
  return withInfrastructure(loadOrExit(configFile(values.config)), (parts) =>
    verb === 'verify' ? verify(parts.audit, parseHead(values.head)) : exportAll(parts.audit, filter, output),
  )
}

type Head = { number: number; hash: string }

function parseHead(text: string | undefined): Head | undefined {
  if (text === undefined) return undefined
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (number !== undefined && hash !== undefined) return { number: Number(number), hash }
  throw new UserError('bad-usage', '"--head" takes NUMBER:HASH, as "audit head" lines of the log have it.')
}

async function verify(log: AuditLog, head: Head | undefined): Promise<number> {
  const result = await log.verify(head)
  if ('mistake' in result) {
    console.error(`The audit log is not intact: ${result.mistake}.`)
    return 1
  }
  const { records, unverified } = result
  if (unverified !== undefined) {
    console.error(`${otherKey(unverified)} The others are intact: the audit log has ${records} records.`)
    return 1
  }
  console.log(`The audit log is intact: ${records} records.`)
  return 0
}

const otherKey = (unverified: number) =>
  `Records up to ${unverified} are signed with a key that is not here: give it in RETINA_SEAL_KEY_ALSO to verify them too.`

async function exportAll(log: AuditLog, filter: ExportFilter, format: 'json' | 'csv'): Promise<number> {
  // Remembers the target that a run's first record names: later records have only the run's id.
  const targets = new Map<string, string | undefined>()
  if (format === 'csv') console.log('number,at,what,run,person,details,hash')
  for await (const entry of log.read()) {
    targets.set(entry.record.run, targets.get(entry.record.run) ?? entry.record.details['target'])
    if (!matchesFilter(entry, filter, targets.get(entry.record.run))) continue
    console.log(format === 'json' ? JSON.stringify(entry) : toCsvRow(entry))
  }
  const result = await log.verify()
  if (!('mistake' in result)) {
    if (result.unverified === undefined) return 0
    console.error(`${otherKey(result.unverified)} They are left out of this export.`)
    return 1
  }
  console.error(`Do not rely on this export. The audit log is not whole: ${result.mistake}.`)
  return 1
}

function matchesFilter({ record }: AuditEntry, filter: ExportFilter, target: string | undefined): boolean {
  const at = Date.parse(record.at)
  const same = (want: string | undefined, is: string | undefined) => want === undefined || want === is
  const inTime = at >= filter.since && at <= filter.until
  return inTime && same(filter.person, record.person) && same(filter.run, record.run) && same(filter.target, target)
}

function toCsvRow({ number, record, hash }: AuditEntry): string {
  const { at, what, run, person, details } = record
  return [String(number), at, what, run, person, JSON.stringify(details), hash].map(toCsvCell).join(',')
}

/** Quotes a CSV cell, and keeps a spreadsheet from reading it as a formula. */
function toCsvCell(text: string): string {
  return `"${text.replace(/^(?=[=+@\t\r-])/, "'").replaceAll('"', '""')}"`
}

function parseInstant(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new UserError('bad-usage', `"${text}" is not a valid time; use 2026-11-24T03:00:00Z.`)
  return at
}
