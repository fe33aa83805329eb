import type { Instant } from '#core/util/instant'

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
  /** Exit code. Undefined where it isn't known: nothing is concluded from it then. */
  exit?: number | undefined
  /** Time at which the tool ended. */
  at: Instant
}

/**
 * Reader of a tool's output, in two steps. `read` returns what the output proves, given its arguments and exit code: it
 * knows what a filter hides and which columns are missing, and returns undefined for output that it doesn't recognise.
 * `say` makes the sentences; undefined where nothing is worth one. Both are pure and total; neither guesses.
 */
export type Reader<Data> = {
  read: (output: ToolOutput) => Data | undefined
  say: (data: Data) => Insight | undefined
}

/** Interpreter of a tool's output: reads it and says what it means. */
export type ReadOutput = (output: ToolOutput) => Insight | undefined

/** Returns the interpreter of a reader. */
export function interpretWith<Data>({ read, say }: Reader<Data>): ReadOutput {
  return (output) => {
    const data = read(output)
    return data === undefined ? undefined : say(data)
  }
}
