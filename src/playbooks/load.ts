import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue, Reading } from '#core/request/tool'
import type { Check, CheckWord, Playbook, Playbooks } from '#core/triage/playbook'
import { defined } from '#core/util/defined'
import { type Path, readYaml, type Source, type SourcePosition } from '#src/yaml/positions'
import { type PlaybookFile, playbookSchema } from './schema.ts'
import { nearest, type PlaybookMistake, toMistakes } from './schema-mistakes.ts'

export type LoadedPlaybook = { playbook: Playbook } | { mistakes: readonly PlaybookMistake[] }

/** Another playbook, whose name and whose checks' names are taken. `source`: where it comes from, as text. */
export type OtherPlaybook = { name: string; source: string; checks: readonly string[] }

/**
 * What a playbook may use: tools that are known, and the names of readers. `others`: the playbooks beside it; where it is
 * given, names of playbooks and checks must not be theirs, and checks that are referred to have to exist.
 */
export type PlaybookNames = { catalogue: Catalogue; readers: readonly string[]; others?: readonly OtherPlaybook[] }

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
  if (names.others !== undefined) mistakes.push(...clashes(read.data, names.others, source))
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

/** Returns what is wrong with names that another playbook has, and with references to checks that no playbook has. */
function clashes(
  { playbook: own, checks }: PlaybookFile,
  others: readonly OtherPlaybook[],
  source: Source,
): PlaybookMistake[] {
  const known = [...Object.keys(checks), ...others.flatMap((each) => each.checks)]
  const namesake = others.find(({ name }) => name === own)
  const taken = (what: string, by: string) => `${what} (${by}); choose another name`
  const ofPlaybook =
    namesake === undefined
      ? []
      : [{ ...source.at(['playbook']), message: taken(`"${own}" is the name of another playbook`, namesake.source) }]
  const ofChecks = Object.entries(checks).flatMap(([name, check]) => {
    const other = others.find((each) => each.checks.includes(name))
    const message = other && taken(`"${name}" is a check of the playbook ${other.name}`, other.source)
    const unknown = (['explains', 'skipWhen'] as const).flatMap((key) =>
      check[key].flatMap((named, at) =>
        known.includes(named)
          ? []
          : [
              {
                ...source.at(['checks', name, key, at]),
                message: `there is no check "${named}"${nearest(named, known)}`,
              },
            ],
      ),
    )
    return [...(message === undefined ? [] : [{ ...source.atKey(['checks'], name), message }]), ...unknown]
  })
  return [...ofPlaybook, ...ofChecks]
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

/** Folder of the playbooks that ship with the program. */
export const shippedFolder = import.meta.dirname

/** Returns the playbooks that ship with the program. Throws where one has a mistake. */
export function shippedPlaybooks(names: PlaybookNames): Playbooks {
  const files = readdirSync(shippedFolder).filter((file) => file.endsWith('.yaml'))
  return new Map(files.sort().map((file) => readShipped(join(shippedFolder, file), names)))
}

function readShipped(file: string, names: PlaybookNames): readonly [string, Playbook] {
  const loaded = parsePlaybook(readFileSync(file, 'utf8'), names)
  if ('playbook' in loaded) return [loaded.playbook.name, loaded.playbook]
  throw new Error(loaded.mistakes.map((each) => `${file}:${each.line}:${each.column}: ${each.message}`).join('\n'))
}

function byPosition(one: SourcePosition, other: SourcePosition): number {
  return one.line - other.line || one.column - other.column
}
