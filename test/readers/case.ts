/** Output of a tool, with what may and what must not be said about it. */
export type Case = {
  name: string
  /** Where the output is from: a public collection with its path, a manual, a real run. */
  from: string
  argv: readonly string[]
  /** Exit code where it is known. */
  exit?: number
  text: string
  /** What another program read from the same output (jc's JSON). Undefined where there is none. */
  oracle?: unknown
  /** Sources of expressions that the answer (severity, headline, facts) has to match. */
  says?: readonly string[]
  /** Sources of expressions that the answer must not match. */
  never?: readonly string[]
  /** True where nothing may be said. */
  silent?: boolean
}
