const unquotedPattern = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Quotes an argument for a shell, only where needed. */
export function shellQuote(argument: string): string {
  return unquotedPattern.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/**
 * Quotes a text from a form as one argument of a command; characters with a meaning in double quotes become spaces.
 * Returns an empty string for an empty text.
 */
export function quoteText(text: string | null | undefined): string {
  const clean = (text ?? '').replaceAll(/["\\`$\r\n]/g, ' ').trim()
  return clean === '' ? '' : `"${clean}"`
}

/** Returns a pipeline as it would be typed: `iptables -nvL | head -n 2`. */
export function formatPipeline(pipeline: readonly (readonly string[])[]): string {
  return pipeline.map((argv) => argv.map(shellQuote).join(' ')).join(' | ')
}
