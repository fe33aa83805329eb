import { findFault } from './judge-case.ts'
import type { LineCase } from './line-case.ts'

const expectations = ['works', 'asks', 'answer', 'refused'] as const

/** Cases that don't come out as expected, with what came of them. */
export function findFaults(cases: readonly LineCase[]): ReadonlyMap<LineCase, string> {
  const found = cases.map((each) => [each, findFault(each)] as const)
  return new Map(found.flatMap(([each, fault]) => (fault === undefined ? [] : [[each, fault]])))
}

/** Returns docs/lines.md: what comes of the lines of each guide. */
export function linesPage(cases: readonly LineCase[], faults: ReadonlyMap<LineCase, string>): string {
  const isGood = (each: LineCase) => !faults.has(each)
  const counts = (some: readonly LineCase[]) =>
    expectations.map((name) => some.filter((each) => each.expect === name && isGood(each)).length)
  const row = (title: string, some: readonly LineCase[]) =>
    `| ${[title, some.length, ...counts(some), some.filter((each) => !isGood(each)).length].join(' | ')} |`
  const good = cases.filter((each) => each.expect !== 'refused' && isGood(each)).length
  const share = ((100 * good) / cases.length).toFixed(1)
  return [
    '# Lines of public guides',
    '',
    `Of ${cases.length} lines that guides have people type on a node or in a pod, ${good} (${share} %) work as typed or get an answer that keeps the meaning,`,
    'under the policy that `retina-chatops init` writes. Made by `npm run measure-lines`, which names those that fail; the lines and what has to come of each',
    'are in [test/runbook](../test/runbook/README.md), and a test holds them.',
    '',
    '| guide | lines | works | asks for approval | answered | refused by the policy | fails |',
    '|---|---|---|---|---|---|---|',
    ...[...Map.groupBy(cases, ({ source }) => source)].map(([source, some]) => row(source, some)),
    row('all', cases),
    '',
  ].join('\n')
}
