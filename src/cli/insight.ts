import { text as textOf } from 'node:stream/consumers'
import { hintForOutput } from '#core/output/hints'
import { interpretText } from '#core/output/interpret'
import { sanitise } from '#core/output/sanitise'
import type { Insight } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { UserError } from '#src/app/user-error'
import { catalogue } from '#src/tools/index'
import { isJsonOutput, readOptions } from './subcommand-options.ts'

const options = {
  exit: { type: 'string' },
  at: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/**
 * `insight`: reads a tool's output from standard input and prints what the bot would say about it, as text or JSON.
 * Returns 0 where something is said, 1 where nothing is. Runs nothing and contacts no other system.
 */
export async function printInsight(argv: readonly string[]): Promise<number> {
  const { values, words } = readOptions(argv, options)
  const [tool] = words
  if (tool === undefined)
    throw new UserError('bad-usage', 'Give the tool and its arguments after "--": -- dig example.com < OUTPUT')
  const isJson = isJsonOutput(values.output)
  if (values.exit !== undefined && !/^\d{1,3}$/.test(values.exit))
    throw new UserError('bad-usage', `"${values.exit}" is not a valid exit code; use a number from 0 to 255.`)
  if (values.at !== undefined && Number.isNaN(Date.parse(values.at)))
    throw new UserError('bad-usage', `"${values.at}" is not a valid time; use 2026-11-24T10:00:00Z.`)
  const exit = values.exit === undefined ? undefined : Number(values.exit)
  const at = (values.at === undefined ? new Date() : new Date(values.at)).toISOString()
  const text = sanitise(await textOf(process.stdin))
  const insight = interpretText({ text, argv: words, exit, at }, catalogue)
  const hint = hintForOutput([tool], text, exit === 0, catalogue)
  if (isJson) console.log(JSON.stringify({ ...insight, ...defined({ hint }) }))
  else console.log(toText(insight, hint))
  return insight === undefined && hint === undefined ? 1 : 0
}

function toText(insight: Insight | undefined, hint: string | undefined): string {
  const said =
    insight === undefined
      ? []
      : [
          `${insight.severity}: ${insight.headline}`,
          ...insight.facts.map(({ name, value }) => `  ${name}: ${value}`),
          ...(insight.chart === undefined
            ? []
            : [`  chart: ${insight.chart.title}, ${insight.chart.points.length} points`]),
        ]
  const lines = [...said, ...(hint === undefined ? [] : [`hint: ${hint}`])]
  return lines.length === 0 ? 'nothing' : lines.join('\n')
}
