import type { Finding, FindingState } from '#core/doctor/finding'
import { defined } from '#core/util/defined'
import { diagnose } from '#src/app/doctor/doctor'
import { UserError } from '#src/app/user-error'
import { configFile, isJsonOutput, readOptions } from './subcommand-options.ts'

const options = {
  config: { type: 'string' },
  role: { type: 'string', default: 'all' },
  as: { type: 'string' },
  pull: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/** `doctor`: returns 0 where no check fails, 1 where one does; names what mends it. */
export async function doctor(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  const { role, as, pull, output } = values
  if (positionals.length > 0) throw new UserError('bad-usage', 'Usage: `doctor [--config FILE] [-o json]`.')
  if (role !== 'bot' && role !== 'worker' && role !== 'terminal' && role !== 'all')
    throw new UserError('bad-usage', `"${role}" is not a valid role; use bot, worker, terminal or all.`)
  const isJson = isJsonOutput(output)
  const findings = await diagnose({
    ...{ file: configFile(values.config), role },
    ...defined({ asUser: as, pull }),
  })
  const isWell = findings.every(({ state }) => state !== 'failed')
  console.log(isJson ? JSON.stringify({ ok: isWell, checks: findings }) : toText(findings))
  return isWell ? 0 : 1
}

const labels = {
  ok: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  'not-checked': 'not checked',
} satisfies Record<FindingState, string>

const labelWidth = 13

function toText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, state, message, mend }) => [
    `${labels[state].padEnd(labelWidth)}${check}: ${message}`,
    ...(mend === undefined ? [] : [`${''.padEnd(labelWidth)}→ ${mend}`]),
  ])
  const counts = (Object.keys(labels) as FindingState[]).map(
    (state) => `${findings.filter((each) => each.state === state).length} ${labels[state].toLowerCase()}`,
  )
  return [...lines, counts.join(', ')].join('\n')
}
