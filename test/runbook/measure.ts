import { findFault } from './judge-case.ts'
import type { LineCase } from './line-case.ts'
import { readLines } from './read-lines.ts'

// Judges the lines of public guides with the policy that `init` writes, for a lead, without a cluster:
//
//   npm run measure-lines [-- --list]
//
// `--list` names each line that fails, with what came of it.

const cases = readLines()
const groups = Map.groupBy(cases, ({ expect }) => expect)
const faults = new Map<LineCase, string>()
for (const each of cases) {
  const fault = findFault(each)
  if (fault !== undefined) faults.set(each, fault)
}
if (process.argv.includes('--list')) {
  for (const [{ target, expect, line }, fault] of faults) console.log(`${target} ${expect}: ${line}\n    ${fault}`)
}
console.log('| expected | lines | as expected |\n|---|---|---|')
for (const [expect, all] of groups) {
  console.log(`| ${expect} | ${all.length} | ${all.filter((each) => !faults.has(each)).length} |`)
}
const good = cases.filter((each) => each.expect !== 'refused' && !faults.has(each)).length
console.log(
  `| all, without what the policy refuses | ${cases.length} | ${good} (${((100 * good) / cases.length).toFixed(1)} %) |`,
)
