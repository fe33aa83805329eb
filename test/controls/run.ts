import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText } from '#core/util/text-table'
import { openCleanup } from '#dev/machine/cleanup'
import type { RecordedControl } from './control.ts'
import { controls } from './controls.ts'
import { type Outcome, outcomeOf, type Seen } from './outcome.ts'
import { copyTree, type Tree } from './tree.ts'

const usage = `npm run controls [-- OPTIONS] [NUMBER…|NAME…]
  Removes each control from a copy of the tree, one at a time, runs its tests there, and compares which of them fail with red.json.
  --root DIR    use another checkout, which must have its packages installed
  --json FILE   also write the outcomes to this file
  --list        only list the controls`

/** Number of copies of the tree, from each of which one control is removed at a time. */
const treeCount = 2

const { values, positionals } = parseArgs({
  options: {
    root: { type: 'string', default: join(import.meta.dirname, '../..') },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const numbered = controls.map((control, at) => ({ ...control, number: at + 1 }))
const isNamed = ({ number, name }: (typeof numbered)[number]) =>
  positionals.length === 0 || positionals.includes(String(number)) || positionals.includes(name)
const chosen = numbered.filter(isNamed)
const unknown = positionals.filter(
  (argument) => !chosen.some(({ number, name }) => [String(number), name].includes(argument)),
)

if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no control ${unknown.join(', ')}.\n${usage}` : usage)
  process.exitCode = values.help ? 0 : 2
} else if (values.list) {
  console.log(tableOf(chosen.map(({ number, name, why }) => [String(number), name, why])))
} else {
  process.exitCode = await main()
}

async function main(): Promise<number> {
  const cleanup = await openCleanup()
  const folder = mkdtempSync(join(tmpdir(), 'retina-controls-'))
  cleanup.addFolder(folder)
  try {
    const root = resolve(values.root)
    const trees = Array.from({ length: treeCount }, (_each, at) => copyTree(root, join(folder, String(at))))
    const failed = await failedBefore(trees)
    if (failed.length > 0) {
      console.log(`These tests fail although no control is removed, so they prove nothing:\n${lines(failed)}`)
      return 1
    }
    const outcomes = await removeAll(trees)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(outcomes, null, 2)}\n`)
    report(outcomes)
    return outcomes.every(({ verdict }) => verdict === 'as recorded') ? 0 : 1
  } finally {
    await cleanup.close()
  }
}

/** Runs all tests in the unchanged tree; resolves with those that fail. */
async function failedBefore([tree]: readonly Tree[]): Promise<readonly string[]> {
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))]
  const { red, unrun }: Seen = (await tree?.test(files, treeCount)) ?? { red: [], unrun: files }
  return [...red, ...unrun]
}

/**
 * Distributes the controls among the trees. Controls with cluster tests come last, one at a time, as all trees share the development
 * cluster.
 */
async function removeAll(trees: readonly Tree[]): Promise<readonly Outcome[]> {
  const found = new Map<number, Outcome>()
  const work = async (tree: Tree, left: (typeof chosen)[number][]) => {
    for (let control = left.shift(); control !== undefined; control = left.shift()) {
      const outcome = await removeOne(tree, control)
      found.set(control.number, outcome)
      console.log(`${control.number} ${outcome.name}: ${outcome.verdict}, ${outcome.seconds} s`)
    }
  }
  const onCluster = chosen.filter(({ tests }) => tests.some((file) => file.startsWith('test/e2e/')))
  const others = chosen.filter((each) => !onCluster.includes(each))
  await Promise.all(trees.map((tree) => work(tree, others)))
  await Promise.all(trees.slice(0, 1).map((tree) => work(tree, onCluster)))
  return chosen.flatMap(({ number }) => found.get(number) ?? [])
}

async function removeOne(tree: Tree, control: RecordedControl): Promise<Outcome> {
  const begun = performance.now()
  const seen = await tree.without(control, () => tree.test(control.tests, 1))
  return outcomeOf(control, seen, Math.round((performance.now() - begun) / 1_000))
}

function report(outcomes: readonly Outcome[]): void {
  const rows = outcomes.map(({ name, verdict, red, seconds }, at) => [
    String(chosen[at]?.number),
    name,
    verdict,
    String(red.length),
    String(seconds),
  ])
  console.log(`\n${tableText(['#', 'removed control', 'verdict', 'red', 's'], rows)}`)
  for (const { name, missing, more, unrun } of outcomes) {
    if (missing.length > 0) console.log(`\n${name}: recorded as red, but passed\n${lines(missing)}`)
    if (more.length > 0) console.log(`\n${name}: red, but not recorded\n${lines(more)}`)
    if (unrun.length > 0) console.log(`\n${name}: could not be run\n${lines(unrun)}`)
  }
  const asRecorded = outcomes.filter(({ verdict }) => verdict === 'as recorded').length
  console.log(`\n${asRecorded} of ${outcomes.length} controls: the same tests fail as recorded`)
}

function lines(texts: readonly string[]): string {
  return texts.map((each) => `  ${each}`).join('\n')
}

function tableOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join('\t')).join('\n')
}
