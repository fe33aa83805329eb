/** Every word may hold the host: as it stands, in an address, in an option's value. */
export function anyWord(argv: readonly string[]): readonly string[] {
  return argv.slice(1)
}

/** Of tools that ask a name server, `@SERVER` is the host; the name that is asked for is only a question. */
export function nameServer(argv: readonly string[]): readonly string[] {
  return argv.slice(1).filter((word) => word.startsWith('@'))
}
