import type { Instant } from '#core/util/instant'

/** Values over something that is counted or measured: round-trip times over a ping's packets. */
export type Chart = {
  title: string
  /** Of the values: `ms`, `Gbit/s`. */
  unit: string
  /** What the values follow: `packet`, `seconds`. */
  over: string
  /** In order. A missing value (a lost packet) is null. */
  points: readonly { x: number; y: number | null }[]
}

/** What a tool's output means, read from it; for people who have a second. */
export type Insight = {
  severity: 'ok' | 'warn' | 'bad'
  /** One short sentence without its full stop. */
  headline: string
  /** At most eight, the most important first. */
  facts: readonly { name: string; value: string }[]
  chart?: Chart
}

/** What a tool wrote when it ran to an end of its own, as people may see it. */
export type ToolOutput = {
  text: string
  /** The words that ran, argv[0] being the tool. */
  argv: readonly string[]
  /** When it ended. */
  at: Instant
}

/** Pure and total. Undefined for everything that isn't recognised: it never guesses. */
export type ReadOutput = (output: ToolOutput) => Insight | undefined
