import type { AuditLog } from '#core/ports/store'
import type { AuditEntry } from '#core/runs/audit-record'
import { UserError } from '#src/app/errors'
import { openInfrastructure } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { configFile, mustLoad, readOptions } from './arguments.ts'

const options = {
  config: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  person: { type: 'string' },
  target: { type: 'string' },
  run: { type: 'string' },
  output: { type: 'string', short: 'o', default: 'json' },
} as const

type Wanted = {
  since: number
  until: number
  person: string | undefined
  target: string | undefined
  run: string | undefined
}

/** `audit verify`: 0 when the chain is whole, 1 with the place where it isn't. `audit export`: its records. */
export async function audit(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv
  const { values } = readOptions(rest, options)
  if (verb !== 'verify' && verb !== 'export')
    throw new UserError('bad-usage', 'It is `audit verify` or `audit export`.')
  if (values.output !== 'json' && values.output !== 'csv') {
    throw new UserError('bad-usage', `"${values.output}" is no output format; take json or csv.`)
  }
  const wanted = {
    since: instant(values.since, Number.NEGATIVE_INFINITY),
    until: instant(values.until, Number.POSITIVE_INFINITY),
    person: values.person,
    target: values.target,
    run: values.run,
  }
  const parts = await openInfrastructure(mustLoad(configFile(values.config)), createLogger('warn'))
  try {
    await parts.redisReady()
    return verb === 'verify' ? await verify(parts.audit) : await exportAll(parts.audit, wanted, values.output)
  } finally {
    await parts.close()
  }
}

async function verify(log: AuditLog): Promise<number> {
  const result = await log.verify()
  if ('mistake' in result) {
    console.error(`The audit log is not whole: ${result.mistake}.`)
    return 1
  }
  console.log(`The audit log is whole: ${result.records} records.`)
  return 0
}

async function exportAll(log: AuditLog, wanted: Wanted, format: 'json' | 'csv'): Promise<number> {
  // A run's first record names its target; the later ones belong to it by the run's id.
  const targets = new Map<string, string | undefined>()
  if (format === 'csv') console.log('number,at,what,run,person,details,hash')
  for await (const entry of log.read()) {
    targets.set(entry.record.run, targets.get(entry.record.run) ?? entry.record.details['target'])
    if (!isWanted(entry, wanted, targets.get(entry.record.run))) continue
    console.log(format === 'json' ? JSON.stringify(entry) : csv(entry))
  }
  return 0
}

function isWanted({ record }: AuditEntry, wanted: Wanted, target: string | undefined): boolean {
  const at = Date.parse(record.at)
  const same = (want: string | undefined, is: string | undefined) => want === undefined || want === is
  const inTime = at >= wanted.since && at <= wanted.until
  return inTime && same(wanted.person, record.person) && same(wanted.run, record.run) && same(wanted.target, target)
}

function csv({ number, record, hash }: AuditEntry): string {
  const { at, what, run, person, details } = record
  return [String(number), at, what, run, person, JSON.stringify(details), hash].map(cell).join(',')
}

/** Quoted, and never the beginning of a spreadsheet's formula. */
function cell(text: string): string {
  return `"${text.replace(/^(?=[=+@\t\r-])/, "'").replaceAll('"', '""')}"`
}

function instant(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new UserError('bad-usage', `"${text}" is no point in time; write 2026-11-24T03:00:00Z.`)
  return at
}
