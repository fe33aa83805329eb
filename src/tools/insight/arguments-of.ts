/**
 * Returns true where an option is given: a letter alone or in a bundle (`-tn`), or its long name. A letter that is the
 * value of another one counts too, so an interpreter that is silent for an option is silent too often, never too rarely.
 */
export function hasOption(argv: readonly string[], letter: string, ...names: readonly string[]): boolean {
  return argv.some(
    (arg, index) =>
      index > 0 &&
      ((/^-[A-Za-z0-9]+$/.test(arg) && arg.includes(letter, 1)) || names.includes(arg.split('=')[0] ?? '')),
  )
}

/** Returns the values of an option, as the next argument or in the same one: `-n 5`, `-n5`, `--lines=5`, `--lines 5`. */
export function optionValues(argv: readonly string[], letter: string, ...names: readonly string[]): string[] {
  return argv.slice(1).flatMap((arg, index) => {
    const next = argv[index + 2]
    if (arg === `-${letter}` || names.includes(arg)) return next === undefined ? [] : [next]
    if (arg.startsWith(`-${letter}`) && letter !== '') return [arg.slice(2)]
    const name = names.find((each) => arg.startsWith(`${each}=`))
    return name === undefined ? [] : [arg.slice(name.length + 1)]
  })
}

/**
 * Returns the arguments that are neither options nor values of the options named in `valued` (`-f`, `--family`); such an
 * option may be the last one of a bundle (`-ni eth0`).
 */
export function operandsOf(argv: readonly string[], valued: readonly string[]): string[] {
  const takesNext = (option: string) =>
    valued.includes(option) || (/^-[A-Za-z]{2,}$/.test(option) && valued.includes(`-${option.slice(-1)}`))
  return argv
    .slice(1)
    .filter((arg, index, args) => !/^-./.test(arg) && !(index > 0 && takesNext(args[index - 1] ?? '')))
}
