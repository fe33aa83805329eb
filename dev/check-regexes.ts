import '../src/core/util/disable-background-compilers.js'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { regexesBelow, slowTextFor } from './regexes.ts'

// Refuses regular expressions that may take more than linear time for a text that somebody makes for them (T43). Proofs take long, so those that were
// found are recorded in dev/proven-regexes.json: new expressions are proven when this runs, `--record` adds them there, `--all` proves every one again.

const root = join(import.meta.dirname, '..')
const recordFile = join(import.meta.dirname, 'proven-regexes.json')

/** Files that make expressions at run time, and why none of these can be made slow. */
const dynamic: Readonly<Record<string, string>> = {
  'adapters/slack/receive.ts': 'of constants, anchored on both sides',
  'src/core/output/hints.ts':
    'of constants of the tools, which are found by `pattern` and `unless`; test/dev/regexes.test.ts proves others',
  'src/core/output/sanitise.ts': 'of a constant that a literal may not have: an escape character',
  'src/core/people/platforms.ts': 'of names of platforms and kinds, which are letters; anchored on both sides',
  'src/registry/challenge.ts': 'of constants; anchored at a comma',
  'src/tools/insight/curl-write-out.ts':
    'of at most 500 characters of what was typed; reads at most 2,000 characters, by groups that do not backtrack',
}

const isWanted = (option: string) => process.argv.includes(option)
const recorded = new Set(JSON.parse(readFileSync(recordFile, 'utf8')) as string[])
const found = regexesBelow(root, ['src', 'adapters', 'shell-image'])
const complaints: string[] = []
const proven = new Set<string>()
for (const regex of found) {
  const place = `${regex.file}:${regex.line}`
  if ('dynamic' in regex) {
    if (dynamic[regex.file] === undefined)
      complaints.push(
        `${place}: an expression made at run time. Write it as a literal, or say in dev/check-regexes.ts why it can't be made slow.`,
      )
    continue
  }
  const literal = `/${regex.source}/${regex.flags}`
  const isKnown = proven.has(literal) || (recorded.has(literal) && !isWanted('--all'))
  const problem = isKnown ? undefined : await slowTextFor(regex.source, regex.flags)
  if (problem === undefined) proven.add(literal)
  else complaints.push(`${place}: ${literal} ${problem}`)
}
for (const file of Object.keys(dynamic)) {
  if (!found.some((regex) => regex.file === file && 'dynamic' in regex))
    complaints.push(`dev/check-regexes.ts: ${file} makes no expression at run time`)
}
if (isWanted('--record')) writeFileSync(recordFile, `${JSON.stringify([...proven].toSorted(), null, 2)}\n`)
for (const each of complaints) console.error(each)
// The proofs run in a process of their own, which would keep this one alive.
process.exit(complaints.length === 0 ? 0 : 1)
