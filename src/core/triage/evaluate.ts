import type { ToolOutput } from '#core/request/insight'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { formatPipeline } from '#core/util/quote'
import type { BatchStep, StepOutput } from './batch-output.ts'
import type { CheckResult } from './check-result.ts'
import { type Expression, evaluate, namesIn } from './expression.ts'
import { type MeasureOutput, type Measures, measureText, numberText, toNumber } from './measures.ts'
import type { Check, Condition, Facts, Severity } from './playbook.ts'
import { beginningReaders, measureGeneric, type NamedReader } from './readers/generic.ts'

/** Readers that are code: those of tools, by the argv that they read, and named ones. */
export type CodeReaders = {
  tool: (argv: readonly string[]) => MeasureOutput | undefined
  named: (name: string) => NamedReader | undefined
}

/** Outputs of a check: of its first reading, and of its second where it has one. */
export type CheckOutputs = { first: readonly StepOutput[]; later: readonly StepOutput[] }

/** Returns what a check found in its outputs. Pure and total: never throws, for any output. */
export function evaluateCheck(
  check: Check,
  step: Pick<BatchStep, 'playbook' | 'each'> & { facts: Facts },
  { first, later }: CheckOutputs,
  readers: CodeReaders,
): CheckResult {
  const name = { playbook: step.playbook, check: check.name, ...defined({ each: step.each }) }
  const all = [...first, ...later]
  const missing = all.map((output) => whyNotLookedAt(check.read, output)).find((each) => each !== undefined)
  if (missing !== undefined) return { ...name, status: 'unknown', said: missing }
  if (check.twice !== undefined && later.length === 0)
    return { ...name, status: 'unknown', said: 'it was not read a second time' }
  const before = measure(check, first, step.facts, readers)
  const after = check.twice === undefined ? before : measure(check, later, step.facts, readers)
  if (before === undefined || after === undefined)
    return { ...name, status: 'unknown', said: 'its output is not of the expected form' }
  const measures = check.twice === undefined ? after : growth(before, after, check.twice)
  const value = evaluate(check.value, measures)
  if (value === undefined) return { ...name, status: 'unknown', said: 'its output does not have the values' }
  const shown = { ...measures, value, ...defined({ each: step.each }) }
  const compared = typeof value === 'number' || typeof value === 'string' ? value : value.join(' ')
  const ill = findIll(check, measures, value)
  // What is compared with other targets may become a finding there, which needs its proof.
  if (ill === undefined)
    return check.compare === undefined
      ? { ...name, status: 'ok' }
      : { ...name, status: 'ok', value: compared, ...proof({ first, later }, measures, check.value, undefined) }
  const said = sentence(check, ill.condition, shown)
  return {
    ...name,
    status: ill.severity,
    said,
    ...(check.compare === undefined ? {} : { value: compared }),
    ...proof({ first, later }, measures, ill.condition.value ?? check.value, ill.condition.say),
  }
}

/** Messages of tools about what isn't there. */
const absent =
  /cannot stat \/proc\/sys|No such file or directory|Device "[^"]{0,64}" does not exist|Cannot find device|No such device|unknown key|not found in this image|command not found/
const forbidden = /Operation not permitted|Permission denied|you must be root/i

/** Returns why an output says nothing about its target; undefined where it can be read. */
function whyNotLookedAt(read: Check['read'], { argv, text, exit, problem, lines }: StepOutput): string | undefined {
  const own = argv[0] === 'chroot' ? argv.slice(2) : argv
  const [tool = ''] = own
  if (problem === 'deadline') return `${tool} did not end in time`
  if (problem === 'no-interface') return 'there is no such interface'
  if (problem === 'output-limit' && lines !== undefined && readsBeginning(read)) return undefined
  if (problem === 'output-limit') return `${tool} wrote more than is read`
  if (problem !== undefined) return `${tool} was not run`
  if (exit === 127 || exit === 126) return `there is no ${tool} here`
  if (exit === 0) return undefined
  const [missing] = absent.exec(text) ?? []
  if (missing !== undefined) return `what ${tool} reads is not there`
  return forbidden.test(text) ? `${tool} was not permitted to look` : undefined
}

/** Returns true for a reader that needs only the beginning of an output, and the number of its lines. */
function readsBeginning(read: Check['read']): boolean {
  return read.kind === 'count' || (read.kind === 'named' && beginningReaders.has(read.name))
}

function measure(
  check: Check,
  outputs: readonly StepOutput[],
  facts: Facts,
  readers: CodeReaders,
): Measures | undefined {
  const { read } = check
  const plain = outputs.map((output) => ({ ...toToolOutput(output), ...defined({ lines: output.lines }) }))
  const withMeasures = () => plain.map((output) => ({ ...output, measures: readers.tool(output.argv)?.(output) }))
  if (read.kind === 'named') return readers.named(read.name)?.(withMeasures(), facts)
  const each = plain.map((output) =>
    read.kind === 'tool' ? readers.tool(output.argv)?.(output) : measureGeneric(read, output),
  )
  const known = each.flatMap((measures) => (measures === undefined ? [] : [measures]))
  return known.length < each.length || known.length === 0 ? undefined : Object.assign({}, ...known)
}

function toToolOutput({ argv, text, exit, at }: StepOutput): ToolOutput {
  const own = argv[0] === 'chroot' && argv[1] === '/host' ? argv.slice(2) : argv
  return { argv: own, text, at, ...defined({ exit }) }
}

/** Returns what grew between two readings, for each second; a counter that was set back counts from 0. */
function growth(before: Measures, after: Measures, seconds: number): Measures {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => {
      const old = before[name]
      if (typeof value !== 'number' || typeof old !== 'number') return [name, value]
      return [name, (value < old ? value : value - old) / seconds]
    }),
  )
}

type Ill = { severity: Severity; condition: Condition }

function findIll(check: Check, measures: Measures, value: Measures[string]): Ill | undefined {
  for (const severity of ['fail', 'warn'] as const) {
    const condition = check[severity].find((each) => {
      const own = each.value === undefined ? value : evaluate(each.value, measures)
      return own !== undefined && holds(each, own)
    })
    if (condition !== undefined) return { severity, condition }
  }
  return undefined
}

function holds({ above, below, is, not }: Condition, value: Measures[string]): boolean {
  const number = toNumber(value)
  const isOf = (words: readonly (string | number)[]) =>
    typeof value === 'object'
      ? words.some((word) => value.includes(String(word)))
      : words.map(String).includes(String(value))
  return (
    (above !== undefined && number !== undefined && number > above) ||
    (below !== undefined && number !== undefined && number < below) ||
    (is !== undefined && isOf(is)) ||
    (not !== undefined && !isOf(not))
  )
}

function sentence(check: Check, { say, value }: Condition, measures: Measures): string {
  if (say !== undefined) return fillIn(say, measures, check.unit)
  const own = value === undefined ? measures['value'] : evaluate(value, measures)
  return `${check.title}: ${own === undefined ? '?' : valueText(own, check.unit)}`
}

/** Returns a sentence with measures in the place of names in braces. */
function fillIn(say: string, measures: Measures, unit: string | undefined): string {
  return say.replaceAll(/\{([\w.]+)\}/g, (_all, name: string) => {
    const measure = measures[name]
    if (measure === undefined) return '?'
    return name === 'value' ? valueText(measure, unit) : measureText(measure)
  })
}

/** Returns a value with its unit; `percent`: of a share. */
function valueText(value: Measures[string], unit: string | undefined): string {
  const number = typeof value === 'number' ? value : undefined
  if (number === undefined || unit === undefined) return measureText(value)
  return unit === 'percent' ? `${numberText(Math.round(number * 1_000) / 10)} %` : `${numberText(number)} ${unit}`
}

const maxEvidenceLines = 4
const maxEvidenceChars = 160

/**
 * Returns the command, and the lines of its output that contain what the sentence says; of two readings, those of the second
 * one that changed. A reader of objects gives lines of its own, as `evidence`: JSON has its words on many lines.
 */
function proof(
  { first, later }: CheckOutputs,
  measures: Measures,
  value: Expression,
  say: string | undefined,
): Pick<CheckResult, 'command' | 'evidence'> {
  const names = [...namesIn(value), ...[...(say ?? '').matchAll(/\{([\w.]+)\}/g)].map(([, name = '']) => name)]
  const words = names.flatMap((name) => {
    const measure = measures[name]
    const own = measure === undefined ? [] : typeof measure === 'object' ? measure : [String(measure)]
    return [name, ...own.filter((word) => word.length > 0)]
  })
  const linesOf = (all: readonly StepOutput[]) =>
    all.flatMap(({ text }) => text.split('\n').filter((line) => line.trim() !== ''))
  const outputs = later.length > 0 ? later : first
  const lines = linesOf(outputs)
  const proving = lines.filter((line) => words.some((word) => hasWord(line, word)))
  const before = new Set(later.length > 0 ? linesOf(first) : [])
  const changed = (proving.length === 0 ? lines : proving).filter((line) => later.length > 0 && !before.has(line))
  const [best = lines] = [changed, proving].filter((some) => some.length > 0)
  const { evidence: own } = measures
  const shown = (typeof own === 'object' ? own : best).slice(0, maxEvidenceLines)
  const argv = outputs.find(({ text }) => shown.some((line) => text.includes(line)))?.argv ?? outputs[0]?.argv
  const evidence = shown.map((line) => cutText(line, maxEvidenceChars))
  return {
    ...(argv === undefined ? {} : { command: formatPipeline([argv]) }),
    ...(evidence.length === 0 ? {} : { evidence: evidence.join('\n') }),
  }
}

/** Returns true where a line has a word that no letter or digit continues. */
function hasWord(line: string, word: string): boolean {
  for (let at = line.indexOf(word); at !== -1; at = line.indexOf(word, at + 1)) {
    if (!isWordCharacter(line[at - 1]) && !isWordCharacter(line[at + word.length])) return true
  }
  return false
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character)
}
