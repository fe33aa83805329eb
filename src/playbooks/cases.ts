import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { StepOutput } from '#core/triage/batch-output'
import type { CheckResult } from '#core/triage/check-result'
import { type CodeReaders, evaluateCheck } from '#core/triage/evaluate'
import { type Check, factNames, type Playbook } from '#core/triage/playbook'
import { defined } from '#core/util/defined'
import { readYaml } from '#src/yaml/positions'
import { type PlaybookNames, parsePlaybook } from './load.ts'
import type { PlaybookMistake } from './schema-mistakes.ts'

const output = z.union([
  z.string(),
  z.strictObject({
    text: z.string().default(''),
    exit: z.int().min(0).max(255).optional(),
    problem: z.enum(['deadline', 'output-limit', 'no-interface', 'not-run']).optional(),
    /** Number of lines of an output of which only the beginning is there. */
    lines: z.int().min(0).optional(),
  }),
])

/** Schema of a file with recorded outputs of a playbook's checks, and what they have to find. */
export const casesSchema = z.strictObject({
  playbook: z.string().min(1),
  /** Time at which the outputs were recorded. */
  at: z.string().default('2026-11-28T12:00:00.000Z'),
  cases: z
    .array(
      z.strictObject({
        check: z.string().min(1),
        name: z.string().min(1),
        outputs: z.array(output).min(1),
        later: z.array(output).min(1).optional(),
        facts: z.partialRecord(z.enum(factNames), z.array(z.string())).default({}),
        expect: z.enum(['ok', 'warn', 'fail', 'unknown']),
        says: z.string().optional(),
      }),
    )
    .min(1),
})

export type PlaybookCases = z.infer<typeof casesSchema>
type Case = PlaybookCases['cases'][number]

/** A case whose check found something else than it expects. */
export type CaseFailure = { name: string; check: string; message: string }

export type CasesResult =
  | { failures: readonly CaseFailure[]; cases: number; untested: readonly string[] }
  | { file: string; mistakes: readonly PlaybookMistake[] }

/** Runs the cases of a file on the playbook that it names, whose path is from the file. */
export function runCases(file: string, names: PlaybookNames, readers: CodeReaders): CasesResult {
  const source = readYaml(readFileSync(file, 'utf8'))
  if (source.mistakes.length > 0) return { file, mistakes: source.mistakes }
  const read = casesSchema.safeParse(source.value)
  if (!read.success)
    return { file, mistakes: read.error.issues.map((issue) => ({ ...source.at(issue.path), message: issue.message })) }
  const playbookFile = join(dirname(file), read.data.playbook)
  const loaded = parsePlaybook(readFileSync(playbookFile, 'utf8'), names)
  if ('mistakes' in loaded) return { file: playbookFile, mistakes: loaded.mistakes }
  const { playbook } = loaded
  const failures = read.data.cases.flatMap((each) => {
    const message = runCase(playbook, each, read.data.at, readers)
    return message === undefined ? [] : [{ name: each.name, check: each.check, message }]
  })
  const tested = new Set(read.data.cases.map(({ check }) => check))
  const untested = playbook.checks.map(({ name }) => name).filter((name) => !tested.has(name))
  return { failures, cases: read.data.cases.length, untested }
}

function runCase(playbook: Playbook, given: Case, at: string, readers: CodeReaders): string | undefined {
  const check = playbook.checks.find(({ name }) => name === given.check)
  if (check === undefined) return `the playbook has no check "${given.check}"`
  const result = resultOf(playbook, check, given, at, readers)
  const said = result.said === undefined ? '' : `: ${result.said}`
  if (result.status !== given.expect) return `expected ${given.expect}, but it is ${result.status}${said}`
  if (given.says === undefined || result.said?.includes(given.says) === true) return undefined
  return `expected a sentence with "${given.says}", but it says${said}`
}

function resultOf(playbook: Playbook, check: Check, given: Case, at: string, readers: CodeReaders): CheckResult {
  const toOutput = (each: z.infer<typeof output>, index: number): StepOutput => {
    const words = check.run[index % Math.max(check.run.length, 1)] ?? ['api', check.api ?? '']
    const argv = words.map((word) => (typeof word === 'string' ? word : `${word.before}192.0.2.1${word.after}`))
    if (typeof each === 'string') return { argv, at, text: each, exit: 0 }
    const { text, exit, problem, lines } = each
    if (problem !== undefined) return { argv, at, text, problem, ...defined({ lines }) }
    return { argv, at, text, exit: exit ?? 0 }
  }
  // Where nothing is said about the second reading, it is as the first one.
  const later = given.later ?? (check.twice === undefined ? [] : given.outputs)
  const outputs = { first: given.outputs.map(toOutput), later: later.map(toOutput) }
  return evaluateCheck(check, { playbook: playbook.name, facts: given.facts }, outputs, readers)
}
