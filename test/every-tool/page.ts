import type { Needs } from '#core/request/tool'
import { catalogue } from '#src/tools/index'
import { expectationOf } from './check-outcome.ts'
import type { Expectation } from './expectations.ts'
import { type Row, rows, type TargetKind } from './rows.ts'

const escapeCell = (text: string) => text.replaceAll('|', '\\|')

/** Returns a regular expression as code in a cell of a table; those with a backtick don't occur. */
const code = (text: string) => `\`${escapeCell(text)}\``

function cell(expected: Expectation): string {
  const source = code(expected.matches.source)
  if (expected.is === 'answered') return `nothing is run; answered: ${source}`
  const asserted = expected.matches.source === '^$' ? 'no output' : source
  return expected.is === 'shows'
    ? `${expected.exit}: ${asserted}`
    : `judged alone, ${expected.why}; ${expected.exit}: ${asserted}`
}

/** Returns the rights with which the examples of a tool are run, in words. */
function needsText(tool: string, place: TargetKind): string {
  const examples = rows.filter(
    (row) => row.tool === tool && row.place === place && expectationOf(row).is !== 'answered',
  )
  const all = examples.map(({ example }) => needsOf(example, place))
  const capabilities = [...new Set(all.flatMap((needs) => needs.capabilities))].toSorted()
  const parts = [
    ...capabilities,
    ...(all.some(({ host }) => host.filesystem !== 'none') ? ['disk, read-only'] : []),
    ...(all.some(({ host }) => host.pid) ? ['processes'] : []),
  ]
  return examples.length === 0 ? '–' : parts.join(', ') || 'none'
}

/** Returns the needs of the first stage of an example. */
function needsOf(example: string, place: TargetKind): Needs {
  const argv = (example.split(' | ')[0] ?? '').split(' ')
  const reading = catalogue.tool(argv[0] ?? '')?.read(argv, place)
  if (reading === undefined) throw new Error(`no tool for ${example}`)
  return reading.needs
}

function toolRows(tool: string, own: readonly Row[]): string[] {
  const examples = [...new Set(own.map(({ example }) => example))]
  const at = (example: string, place: TargetKind) => cell(expectationOf({ tool, example, place }))
  return examples.map((example) => `| ${code(example)} | ${at(example, 'node')} | ${at(example, 'pod')} |`)
}

/** Returns docs/tools.md: what each example of each tool has to show, on a node and in a pod. */
export function toolsPage(): string {
  const groups = [...Map.groupBy(rows, ({ tool }) => tool)]
  const all = rows.map(expectationOf)
  const count = (is: Expectation['is']) => all.filter((each) => each.is === is).length
  return [
    '# Every tool, run',
    '',
    `The ${groups.length} tools of the catalogue with the examples of their help, on a node and in a pod: ${rows.length} runs. ${count('shows')} succeed; ${count('answered')} are answered without a run, since a`,
    `pod hasn't what they show; ${count('judged')} can't succeed on the development cluster, for the reason given, and are judged and recorded alone. Each is run by the program's own plan and port,`,
    'in a container that has exactly the rights of the column "rights". A cell has the exit code, and the expression that the output matches.',
    '',
    'Made by `npm run measure-tools -- --write`, which runs all of them and names those that fail; `test/e2e/every-tool.test.ts` does in `npm test`. Placeholders stand for addresses, names,',
    'ports and interfaces of the cluster (`test/every-tool/rows.ts`), which has servers and packets for them (`test/every-tool/pods.ts`).',
    '',
    ...groups.flatMap(([tool, own]) => [
      `## ${tool}`,
      '',
      `${catalogue.tool(tool)?.about ?? ''} Rights on a node: ${needsText(tool, 'node')}; in a pod: ${needsText(tool, 'pod')}.`,
      '',
      '| example | on a node | in a pod |',
      '|---|---|---|',
      ...toolRows(tool, own),
      '',
    ]),
  ].join('\n')
}
