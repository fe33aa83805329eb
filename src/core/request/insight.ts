import type { Instant } from '#core/util/iso-instant'

/** Line chart of a tool's values, such as the round-trip times of a ping's packets. */
export type Chart = {
  title: string
  /** Unit of the y values: `ms`, `Gbit/s`. */
  unit: string
  /** Name of the x axis: `packet`, `seconds`. */
  over: string
  /** Points in order of x. A missing value (a lost packet) is null. */
  points: readonly { x: number; y: number | null }[]
}

/** Interpretation of a tool's output, short enough to be read at a glance. */
export type Insight = {
  severity: 'ok' | 'warn' | 'bad'
  /** One short sentence without its full stop. */
  headline: string
  /** At most 8 facts, the most important first. */
  facts: readonly { name: string; value: string }[]
  chart?: Chart
}

/** Sanitised and redacted output of a tool that exited by itself. */
export type ToolOutput = {
  text: string
  /** The argv that was run; argv[0] is the tool. */
  argv: readonly string[]
  /** Time at which the tool ended. */
  at: Instant
}

/**
 * Interpreter of a tool's output. Pure and total. Returns undefined for output that it doesn't recognise; never
 * guesses.
 */
export type ReadOutput = (output: ToolOutput) => Insight | undefined
