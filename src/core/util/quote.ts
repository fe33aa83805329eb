const unquotedPattern = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word as it would be typed: quoted only where it has to be. */
export function shellQuote(argument: string): string {
  return unquotedPattern.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** A text as one word of a command, from a form; signs that mean something between double quotes are left out. Empty for none. */
export function quoteText(text: string | null | undefined): string {
  const clean = (text ?? '').replaceAll(/["\\`$\r\n]/g, ' ').trim()
  return clean === '' ? '' : `"${clean}"`
}

/** A pipeline as it would be typed: `iptables -nvL | head -n 2`. */
export function formatPipeline(pipeline: readonly (readonly string[])[]): string {
  return pipeline.map((argv) => argv.map(shellQuote).join(' ')).join(' | ')
}
