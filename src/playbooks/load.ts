import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import type { Catalogue, Reading } from '#core/request/tool'
import type { Check, CheckWord, Playbook, Playbooks } from '#core/triage/playbook'
import { defined } from '#core/util/defined'
import { type Path, readYaml, type Source, type SourcePosition } from '#src/yaml/positions'
import { type PlaybookFile, playbookSchema } from './schema.ts'

/** Mistake at a position of a playbook's file. */
export type PlaybookMistake = SourcePosition & { message: string }

export type LoadedPlaybook = { playbook: Playbook } | { mistakes: readonly PlaybookMistake[] }

/** What a playbook may use: tools that are known, and the names of readers. */
export type PlaybookNames = { catalogue: Catalogue; readers: readonly string[] }

/** Validates the text of a playbook. Reports all mistakes at once. Never throws. */
export function parsePlaybook(text: string, names: PlaybookNames): LoadedPlaybook {
  const source = readYaml(text)
  if (source.mistakes.length > 0) return { mistakes: source.mistakes }
  const read = playbookSchema.safeParse(source.value)
  if (!read.success)
    return { mistakes: read.error.issues.flatMap((issue) => toMistakes(issue, source)).toSorted(byPosition) }
  const mistakes: PlaybookMistake[] = []
  const mistake = (path: Path, message: string) => void mistakes.push({ ...source.at(path), message })
  for (const [name, check] of Object.entries(read.data.checks)) checkReferences(name, check, names, mistake)
  if (mistakes.length > 0) return { mistakes: mistakes.toSorted(byPosition) }
  return { playbook: toPlaybook(read.data) }
}

type FileCheck = PlaybookFile['checks'][string]
type Mistake = (path: Path, message: string) => void

function checkReferences(
  name: string,
  check: FileCheck,
  { catalogue, readers }: PlaybookNames,
  mistake: Mistake,
): void {
  const path = ['checks', name]
  const { run, api, read, each, warn, fail, compare } = check
  if ((run === undefined) === (api === undefined)) mistake(path, 'needs either "run" or "api"')
  if (warn.length + fail.length === 0 && compare === undefined)
    mistake(path, 'can never find anything; say when it warns or fails, or what it compares')
  if (read.use.kind === 'named' && !readers.includes(read.use.name))
    mistake([...path, 'read', 'with'], `there is no reader "${read.use.name}"${nearest(read.use.name, readers)}`)
  for (const key of ['explains', 'skipWhen'] as const)
    for (const [at, other] of check[key].entries())
      if (other === name) mistake([...path, key, at], `"${name}" names itself`)
  for (const [at, words] of (run ?? []).entries()) {
    const place = [...path, 'run', at]
    if (words.some((word) => typeof word === 'object' && word.fact === 'each') && each === undefined)
      mistake(place, 'uses the fact "each", but the check does not say "each"')
    const problem = whyNotReading(words, catalogue)
    if (problem !== undefined) mistake(place, problem)
  }
}

/** Values that stand for facts while a command is judged at load. */
const sample = '192.0.2.1'

/** Returns why a command isn't one that only reads, by its tool's own file; undefined where it is. */
function whyNotReading(words: readonly CheckWord[], catalogue: Catalogue): string | undefined {
  const argv = words.map((word) => (typeof word === 'string' ? word : `${word.before}${sample}${word.after}`))
  const [name = ''] = argv
  const tool = catalogue.tool(name)
  if (tool === undefined) return `there is no tool "${name}"${nearest(name, catalogue.names)}`
  if (tool.virtual === true) return `"${name}" is not a command; say "api: nodes" instead of "run"`
  const readings: Reading[] = (['node', 'pod'] as const).map((on) => tool.read(argv, on))
  const refusal = readings.find((reading) => reading.refusal !== undefined)?.refusal
  if (refusal !== undefined) return refusal.why
  if (readings.some(({ needs }) => needs.effect === 'write'))
    return `"${argv.join(' ')}" may change its target, and a check only reads`
  const [special] = readings.flatMap((reading) => reading.special)
  if (special !== undefined) return `"${argv.join(' ')}" has a special argument (${special.name}): ${special.why}`
  return undefined
}

function toPlaybook({ playbook: name, title, for: kind, alerts, checks }: PlaybookFile): Playbook {
  return { name, title, for: kind, alerts, checks: Object.entries(checks).map(([own, check]) => toCheck(own, check)) }
}

function toCheck(name: string, { read, run, api, each, twice, compare, then: next, ...rest }: FileCheck): Check {
  return {
    name,
    ...rest,
    run: run ?? [],
    next,
    read: read.use,
    value: read.value,
    ...defined({ unit: read.unit, api, each, twice, compare }),
  }
}

/** Returns the playbooks that ship with the program. Throws where one has a mistake. */
export function shippedPlaybooks(names: PlaybookNames): Playbooks {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.yaml'))
  return new Map(files.sort().map((file) => readShipped(join(import.meta.dirname, file), names)))
}

function readShipped(file: string, names: PlaybookNames): readonly [string, Playbook] {
  const loaded = parsePlaybook(readFileSync(file, 'utf8'), names)
  if ('playbook' in loaded) return [loaded.playbook.name, loaded.playbook]
  throw new Error(loaded.mistakes.map((each) => `${file}:${each.line}:${each.column}: ${each.message}`).join('\n'))
}

function byPosition(one: SourcePosition, other: SourcePosition): number {
  return one.line - other.line || one.column - other.column
}

/** Keys that a map of the schema has, by the path's last name, to name the nearest one of an unknown key. */
const keys = [
  'title',
  'run',
  'api',
  'where',
  'each',
  'times',
  'twice',
  'read',
  'warn',
  'fail',
  'explains',
  'skipWhen',
  'compare',
  'then',
  'specificity',
  'playbook',
  'for',
  'alerts',
  'checks',
  'lines',
  'pairs',
  'nstat',
  'json',
  'table',
  'tool',
  'with',
  'value',
  'unit',
  'above',
  'below',
  'is',
  'not',
  'say',
  'fact',
  'as',
] as const

function toMistakes(issue: z.core.$ZodIssue, source: Source): PlaybookMistake[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...source.atKey(issue.path, key),
      message: `there is no "${key}" here${nearest(key, keys)}`,
    }))
  if (issue.code === 'invalid_union') {
    // The alternative that got furthest says what is wrong.
    const inner = issue.errors.flat().toSorted((one, other) => other.path.length - one.path.length)
    const [first] = inner
    if (first !== undefined)
      return toMistakes({ ...first, path: [...issue.path, ...first.path] } as z.core.$ZodIssue, source)
  }
  const name = issue.path.at(-1)
  return [
    { ...source.at(issue.path), message: name === undefined ? issue.message : `"${String(name)}": ${issue.message}` },
  ]
}

function nearest(word: string, words: readonly string[]): string {
  if (words.length === 0) return ''
  const found = closest(word, [...words])
  return distance(found, word) <= Math.max(1, word.length / 3) ? `; did you mean "${found}"?` : ''
}
