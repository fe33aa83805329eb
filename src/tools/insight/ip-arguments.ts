/** What an `ip` command asks for. */
export type AskedOfIp = {
  object: 'link' | 'address' | 'route' | 'neighbour' | 'other'
  /** `show` where nothing is given. */
  command: 'show' | 'get' | 'other'
  /** Words after the command, which select. */
  selectors: readonly string[]
  family: 4 | 6 | undefined
  isJson: boolean
}

/** Options that take the next argument. Source: ip(8). */
const valued = [
  '-f',
  '-family',
  '--family',
  '-n',
  '-netns',
  '--netns',
  '-b',
  '-batch',
  '-rc',
  '-rcvbuf',
  '-l',
  '-loops',
]
/** Objects by the beginning of their name; iproute2 takes the first one that fits. */
const objects: readonly (readonly [string, AskedOfIp['object']])[] = [
  ['address', 'address'],
  ['link', 'link'],
  ['route', 'route'],
  ['neighbor', 'neighbour'],
  ['neighbour', 'neighbour'],
]

/** Reads the arguments of `ip`, with all abbreviations. */
export function readAskedOfIp(argv: readonly string[]): AskedOfIp {
  const begin = findObject(argv)
  const options = argv.slice(1, begin)
  const [object = '', command = 'show', ...selectors] = argv.slice(begin)
  return {
    object: objects.find(([name]) => object !== '' && name.startsWith(object))?.[1] ?? 'other',
    command: commandOf(command),
    selectors,
    family: familyOf(options),
    isJson: options.some((option) => /^--?j(?:son|so|s)?$/.test(option)),
  }
}

/** Returns the place of the first word that is neither an option nor the value of one. */
function findObject(argv: readonly string[]): number {
  let at = 1
  while (argv[at]?.startsWith('-') === true) at += valued.includes(argv[at] ?? '') ? 2 : 1
  return at
}

function familyOf(options: readonly string[]): 4 | 6 | undefined {
  if (options.includes('-6') || options.includes('inet6')) return 6
  return options.includes('-4') || options.includes('inet') ? 4 : undefined
}

function commandOf(word: string): AskedOfIp['command'] {
  if ('show'.startsWith(word) || 'list'.startsWith(word) || word === 'lst' || word === 'ls') return 'show'
  return 'get'.startsWith(word) ? 'get' : 'other'
}
