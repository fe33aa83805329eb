import { defined } from '#core/util/defined'
import type { BatchStep } from './batch-output.ts'
import type { Check, CheckWord, Facts } from './playbook.ts'

/** One command of a check on one target. `again`: it runs a second time, some seconds later. */
export type CheckCommand = { step: BatchStep; argv: readonly string[]; again: boolean }

/** Maximum number of values that a check repeats for. */
const maxRepeats = 10

/** Returns the commands of a check with these facts, or which fact is missing. */
export function commandsOf(
  playbook: string,
  check: Check,
  facts: Facts,
): readonly CheckCommand[] | { missing: string } {
  const each = check.each === undefined ? [undefined] : (facts[check.each] ?? []).slice(0, maxRepeats)
  if (each.length === 0) return { missing: `${check.each} is not known` }
  const commands: CheckCommand[] = []
  for (const value of each) {
    const step: BatchStep = { playbook, check: check.name, ...defined({ each: value }) }
    for (let time = 0; time < check.times; time += 1) {
      for (const words of check.run) {
        const argv = toArgv(words, facts, value)
        if ('missing' in argv) return argv
        commands.push({ step, argv: argv.words, again: check.twice !== undefined })
      }
    }
  }
  return commands
}

function toArgv(
  words: readonly CheckWord[],
  facts: Facts,
  each: string | undefined,
): { words: string[] } | { missing: string } {
  const argv: string[] = []
  for (const word of words) {
    if (typeof word === 'string') argv.push(word)
    else {
      const value = word.fact === 'each' ? each : facts[word.fact]?.[0]
      if (value === undefined) return { missing: `${word.fact} is not known` }
      argv.push(`${word.before}${value}${word.after}`)
    }
  }
  return { words: argv }
}
