import type { ToolOutput } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { isInterfaceWord } from './facts-of-api-objects.ts'
import type { Facts } from './playbook.ts'

/** Where a command of a batch comes from: a check, and for the which-th of its commands. `later`: its second reading. */
export type BatchStep = { playbook: string; check: string; each?: string; later?: true }

/**
 * Commands of checks that run in one container, one after the other, not joined by pipes. The request's stages are the
 * commands, so that all of them are judged; `steps` has one entry for each.
 */
export type Batch = {
  steps: readonly BatchStep[]
  /** Seconds from the start of the batch to its second readings. */
  againAfter: number
  /** Facts of the target, which readers compare outputs with. */
  facts: Facts
}

/** Maximum seconds of one command of a batch. */
export const stepSeconds = 10
/** Maximum bytes of the output of one command of a batch; the rest is left out. */
export const stepBytes = 64 * 1_024
/** Maximum bytes of a batch's output: what is read whole. */
export const maxBatchBytes = 8_000_000
/** Number of commands of a batch that run at the same time. */
export const parallelSteps = 4

/** Seconds after which a batch of so many commands has ended, even if each takes its longest. */
export function batchSeconds(steps: number, againAfter: number): number {
  return Math.ceil(steps / parallelSteps) * stepSeconds + againAfter + 5
}

/**
 * Output of one command of a batch. `problem`: why it has no exit code. `lines`: number of lines of an output that is longer
 * than what was kept of it.
 */
export type StepOutput = Pick<ToolOutput, 'text' | 'argv' | 'at'> & {
  exit?: number
  problem?: 'deadline' | 'output-limit' | 'no-interface' | 'not-run'
  lines?: number
}

/** Output of a batch's command by its index. `each`: the interface that it ran for, where only the target knows the interfaces. */
export type IndexedOutput = { index: number; each?: string; output: StepOutput }

/** What the runner says about one command, or about one of its repetitions for several interfaces. */
type Said = { lines: string[]; each?: string; end?: string; count?: number }

/**
 * Splits the output of a batch into those of its commands. The runner writes each line of a command's output after its
 * number and `|`, so that no output can pass for another's, and ends it with its number, `=` and the exit code. A command that
 * is repeated for interfaces has numbers such as `3.0`, each with `@` and the interface.
 */
export function splitBatch(text: string, argvs: readonly (readonly string[])[], at: string): IndexedOutput[] {
  const said = argvs.map(() => new Map<string, Said>())
  for (const line of text.split('\n')) {
    const [, number, repetition = '', sign = '', rest = ''] = /^(\d{1,4})((?:\.\d)?)([|=@#])(.*)$/.exec(line) ?? []
    const own = said[Number(number)]
    if (own === undefined) continue
    const one = own.get(repetition) ?? { lines: [] }
    own.set(repetition, one)
    if (sign === '|') one.lines.push(rest)
    else if (sign === '=') one.end ??= rest
    else if (sign === '@') one.each ??= rest
    else if (/^\d{1,9}$/.test(rest)) one.count ??= Number(rest)
  }
  return argvs.flatMap((argv, index) => {
    const own = [...(said[index]?.values() ?? [])]
    return (own.length === 0 ? [{ lines: [] }] : own).map((one) => toIndexed(index, argv, one, at))
  })
}

/** Returns those outputs of a batch that are of one check, and of one value where the check is repeated. */
export function outputsOfCheck(
  outputs: readonly IndexedOutput[],
  steps: readonly BatchStep[],
  { playbook, check, each }: BatchStep,
): IndexedOutput[] {
  return outputs.filter((output) => {
    const step = steps[output.index]
    if (step?.playbook !== playbook || step.check !== check) return false
    // What only the target knows stands with the output, and a word for it in the step.
    return step.each === each || (output.each !== undefined && output.each === each)
  })
}

const problems = ['deadline', 'output-limit', 'no-interface'] as const

function toIndexed(
  index: number,
  argv: readonly string[],
  { lines, each, end, count }: Said,
  at: string,
): IndexedOutput {
  const words = each === undefined ? argv : argv.map((word) => (isInterfaceWord(word) ? each : word))
  const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`
  const output = { argv: words, at, text, ...defined({ lines: count }) }
  const outcome =
    end !== undefined && /^\d{1,3}$/.test(end)
      ? { exit: Number(end) }
      : { problem: problems.find((problem) => problem === end) ?? ('not-run' as const) }
  return { index, ...defined({ each }), output: { ...output, ...outcome } }
}
