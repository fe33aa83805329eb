import type { ToolOutput } from '#core/request/insight'
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
/** Number of commands of a batch that run at the same time. */
export const parallelSteps = 4

/** Seconds after which a batch of so many commands has ended, even if each takes its longest. */
export function batchSeconds(steps: number, againAfter: number): number {
  return Math.ceil(steps / parallelSteps) * stepSeconds + againAfter + 5
}

/** Output of one command of a batch. `problem`: why it has no exit code. */
export type StepOutput = Pick<ToolOutput, 'text' | 'argv' | 'at'> & {
  exit?: number
  problem?: 'deadline' | 'output-limit' | 'not-run'
}

/**
 * Splits the output of a batch into those of its commands. The runner writes each line of a command's output after its
 * number and `|`, so that no output can pass for another's, and ends it with its number, `=` and the exit code.
 */
export function splitBatch(text: string, argvs: readonly (readonly string[])[], at: string): StepOutput[] {
  const lines: string[][] = argvs.map(() => [])
  const ends: (string | undefined)[] = argvs.map(() => undefined)
  for (const line of text.split('\n')) {
    const [, number, sign, rest = ''] = /^(\d{1,4})([|=])(.*)$/.exec(line) ?? []
    const index = Number(number)
    if (sign === '|') lines[index]?.push(rest)
    else if (sign === '=' && index < ends.length) ends[index] ??= rest
  }
  return argvs.map((argv, index) => {
    const own = lines[index] ?? []
    const output = { argv, at, text: own.length === 0 ? '' : `${own.join('\n')}\n` }
    const end = ends[index]
    if (end !== undefined && /^\d{1,3}$/.test(end)) return { ...output, exit: Number(end) }
    if (end === 'deadline' || end === 'output-limit') return { ...output, problem: end }
    return { ...output, problem: 'not-run' }
  })
}
