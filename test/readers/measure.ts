import { interpretText } from '#core/output/interpret'
import { catalogue } from '#src/tools/index'
import type { Case } from './case.ts'
import { judge, textOf } from './claims.ts'
import { ownCases } from './own-cases.ts'
import { type Collection, collections, publicCases } from './public-cases.ts'

// Prints what the readers say about all own cases, and about public collections of which a copy is given:
//
//   node test/readers/measure.ts [--list] [--jc COPY] [--insights COPY] [--ntc COPY] [--nft COPY] [--tcpdump COPY]
//
// A copy is a work tree or a bare repository of the repository that public-cases.ts names. Exit code: 1 where anything false is said.

/** Time at which outputs without a date are read. */
const at = '2026-11-24T10:00:00Z'

const optionValue = (option: string) => {
  const index = process.argv.indexOf(option)
  return index === -1 ? undefined : process.argv[index + 1]
}
const names = Object.keys(collections).filter((name): name is Collection => name in collections)
const groups: [string, Case[]][] = [
  ['own', ownCases()],
  ...names.flatMap((name): [string, Case[]][] => {
    const copy = optionValue(`--${name}`)
    return copy === undefined ? [] : [[name, publicCases(name, copy)]]
  }),
]

/** `missed`: outputs of which something is expected, and nothing is said. */
type Row = { outputs: number; said: number; silent: number; missed: number; wrong: number }
const rows = new Map<string, Row>()
for (const [group, cases] of groups) {
  for (const each of cases) {
    const tool = each.argv[0] ?? ''
    const output = { text: each.text, argv: each.argv, exit: each.exit, at }
    const insight = interpretText(output, catalogue)
    const problem = judge(each, insight)
    const row = rows.get(`${group} ${tool}`) ?? { outputs: 0, said: 0, silent: 0, missed: 0, wrong: 0 }
    row.outputs += 1
    row[insight === undefined ? 'silent' : 'said'] += 1
    if (problem !== undefined) row.wrong += 1
    const isMissed = insight === undefined && (each.says ?? []).length > 0
    if (isMissed) row.missed += 1
    rows.set(`${group} ${tool}`, row)
    if (problem !== undefined)
      console.log(`FALSE  ${each.argv.join(' ')}  [${each.name}; ${each.from}]\n       ${problem}`)
    else if (isMissed) console.log(`SILENT ${each.argv.join(' ')}  [${each.name}; ${each.from}]`)
    else if (process.argv.includes('--list'))
      console.log(
        `${each.argv.join(' ')}  [${each.name}]\n       ${insight === undefined ? '(silent)' : textOf(insight)}`,
      )
  }
}
const total: Row = { outputs: 0, said: 0, silent: 0, missed: 0, wrong: 0 }
console.log(
  '\n| collection, tool | outputs | something said | silent | silent where something is expected | false |\n|---|---|---|---|---|---|',
)
for (const [name, { outputs, said, silent, missed, wrong }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`| ${name} | ${outputs} | ${said} | ${silent} | ${missed} | ${wrong} |`)
  total.outputs += outputs
  total.said += said
  total.silent += silent
  total.missed += missed
  total.wrong += wrong
}
console.log(
  `| **all** | **${total.outputs}** | **${total.said}** | **${total.silent}** | **${total.missed}** | **${total.wrong}** |`,
)
process.exitCode = total.wrong === 0 ? 0 : 1
