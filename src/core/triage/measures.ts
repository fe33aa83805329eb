import type { ToolOutput } from '#core/request/insight'

/** What a reader found in an output, by name: numbers, words, and lists of names. */
export type Measures = Readonly<Record<string, number | string | readonly string[]>>

/** Returns what an output measures; undefined where it isn't what the reader expects. */
export type MeasureOutput = (output: ToolOutput) => Measures | undefined

/** Returns a measure as a number: the length of a list, a number in digits; undefined for other words. */
export function toNumber(measure: Measures[string] | undefined): number | undefined {
  if (typeof measure === 'number') return Number.isFinite(measure) ? measure : undefined
  if (typeof measure === 'string') return /^-?\d+(?:\.\d+)?$/.test(measure) ? Number(measure) : undefined
  return measure?.length
}

/** Maximum number of names of a list in a sentence. */
const maxNames = 3

/** Returns a measure as text for people. */
export function measureText(measure: Measures[string]): string {
  if (typeof measure === 'number') return numberText(measure)
  if (typeof measure === 'string') return measure
  const rest = measure.length - maxNames
  return rest <= 0 ? measure.join(', ') : `${measure.slice(0, maxNames).join(', ')} and ${rest} more`
}

/** Returns a number with at most three digits after the point; large ones have none. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)))
}
