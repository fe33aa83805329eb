/** One command line after its target, and what is expected of it. */
export type ArgumentCase = {
  line: string
  on: 'node' | 'pod'
  /**
   * `allow`: a set for reading with every tool, capability and read-only host access covers it. `deny`: that set
   * doesn't. `named`: no set covers it that doesn't name the argument, not even one for changing; or it is refused for
   * everyone.
   */
  expect: 'allow' | 'deny' | 'named'
  source: string
}

/** Parses cases that share an expectation and a source: one line each; empty lines don't count. */
export function casesOf(
  expect: ArgumentCase['expect'],
  source: string,
  lines: string,
  on: ArgumentCase['on'] = 'node',
): ArgumentCase[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ line, on, expect, source }))
}
