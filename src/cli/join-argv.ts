import { shellQuote } from '#core/util/quote'

/**
 * Joins an argv to a text that parses back to the same argv; a single argument is returned as the text that was typed.
 */
export function joinArgv(argv: readonly string[]): string {
  const [only] = argv
  if (argv.length === 1 && only !== undefined) return only
  return argv.map((argument) => (argument === '|' ? argument : shellQuote(argument))).join(' ')
}
