import type { Effect, SpecialArgument } from '#core/request/tool'

/**
 * Classification of one option. `special`: why it needs its own grant; `detour`: why it needs one where destinations are
 * denied. Both complete "it …".
 */
type Verdict = { effect: Effect; special?: string; detour?: string }

/** Option of a tool. */
export type Option = {
  /** All spellings with their dashes; policies use the first one (`curl -o`). */
  names: readonly string[]
  /** Number of values that it takes; `glued` is one optional value that has to be in the same argument. */
  values: 0 | 1 | 2 | 'glued'
  verdict: Verdict
}

/** Option as typed, with its values. */
export type GivenArguments = { option: Option; values: readonly string[] }

/** Parsed arguments of a tool. */
export type Arguments = {
  options: readonly GivenArguments[]
  operands: readonly string[]
  /** Arguments with options that aren't in the tool's table. */
  unknown: readonly string[]
}

/** Differences of a tool's argument syntax from GNU getopt. */
export type Dialect = {
  /** False where `--` doesn't end the options. */
  terminator?: boolean
  /** True where `-5` is an option. */
  numbers?: boolean
  /** True where long options can't be abbreviated. */
  wholeNames?: boolean
  /** True where the first operand ends the options. */
  stopAtOperand?: boolean
  /** True where it is certain for all versions of the tool which options take the next argument as a value. */
  sureOfValues?: boolean
}

/**
 * Parses options from text such as `-n,--lines= -v --color[=] --arg==`. A comma separates spellings; `=` means one
 * value, `==` two, and `[=]` one optional value in the same argument.
 */
function parseTable(verdict: Verdict, lines: string): Option[] {
  return lines
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, names = '', mark = ''] = /^(.*?)(\[=\]|==|=)?$/.exec(entry) ?? []
      const values = mark === '[=]' ? 'glued' : mark === '==' ? 2 : mark === '=' ? 1 : 0
      return { names: names.split(','), values, verdict }
    })
}

/** Returns options that are read-only; `lines` as in `-n,--lines= -v --color[=]`. */
export const reading = (lines: string) => parseTable({ effect: 'read' }, lines)

/** Returns options that may change something. */
export const changing = (lines: string) => parseTable({ effect: 'write' }, lines)

/** Returns read-only options that need their own grant; `why` completes "it …". */
export const special = (why: string, lines: string) => parseTable({ effect: 'read', special: why }, lines)

/** Returns options that need their own grant and may change something; `why` completes "it …". */
export const specialChange = (why: string, lines: string) => parseTable({ effect: 'write', special: why }, lines)

/**
 * Returns options that lead a tool to other hosts than its arguments say: by a proxy, a name server, a redirect or a list.
 * They need their own grant where destinations are denied (T12); `why` completes "it …".
 */
export const detour = (why: string, lines: string, effect: Effect = 'read') =>
  parseTable({ effect, detour: why }, lines)

/**
 * Parses a tool's arguments (without its name) as GNU getopt does: bundled short options, values in the same or in the
 * next argument, options after operands, abbreviated long options. Where an argument is ambiguous, the most dangerous
 * interpretation counts.
 */
export function readArguments(args: readonly string[], table: readonly Option[], dialect: Dialect = {}): Arguments {
  const found: { options: GivenArguments[]; operands: string[]; unknown: string[] } = {
    options: [],
    operands: [],
    unknown: [],
  }
  let at = 0
  while (at < args.length) {
    const arg = args[at] ?? ''
    at += 1
    if (arg === '--' && dialect.terminator !== false) {
      found.operands.push(...args.slice(at))
      break
    }
    if (arg === '-' || !arg.startsWith('-')) {
      found.operands.push(arg)
      if (!dialect.stopAtOperand) continue
      found.operands.push(...args.slice(at))
      break
    }
    if (dialect.numbers && /^-\d+$/.test(arg)) continue
    const { given, unknown, taken } = arg.startsWith('--')
      ? readLongOption(arg, args.slice(at), table, dialect)
      : readShortOptions(arg, args.slice(at), table)
    found.options.push(...given)
    if (unknown) found.unknown.push(arg)
    const values = args.slice(at, at + taken)
    at += taken
    // A version of the tool whose option takes no value would parse this argument as an option: it counts as both.
    if (dialect.sureOfValues) continue
    for (const value of values.filter((each) => /^-[A-Za-z-]/.test(each))) {
      const again = readArguments([value], table, { ...dialect, sureOfValues: true })
      found.options.push(...again.options)
      found.unknown.push(...again.unknown)
    }
  }
  return found
}

type Step = { given: GivenArguments[]; unknown: boolean; taken: number }

function readLongOption(arg: string, rest: readonly string[], table: readonly Option[], dialect: Dialect): Step {
  const equals = arg.indexOf('=')
  const name = equals === -1 ? arg : arg.slice(0, equals)
  const inline = equals === -1 ? undefined : arg.slice(equals + 1)
  const exact = table.find((option) => option.names.includes(name))
  const matches =
    exact || dialect.wholeNames
      ? [exact].filter((option) => option !== undefined)
      : table.filter((option) => option.names.some((each) => each.startsWith(name)))
  const [only, other] = matches
  if (only === undefined) return { given: [], unknown: true, taken: 0 }
  // The tool itself refuses an ambiguous prefix. Each matching option counts, and none takes the next argument.
  if (other !== undefined) {
    return { given: matches.map((option) => ({ option, values: [inline ?? ''] })), unknown: false, taken: 0 }
  }
  return takeValues(only, inline, rest)
}

function readShortOptions(arg: string, rest: readonly string[], table: readonly Option[]): Step {
  const given: GivenArguments[] = []
  let unknown = false
  for (let at = 1; at < arg.length; at += 1) {
    const option = table.find(({ names }) => names.includes(`-${arg[at]}`))
    // Letters after an unknown option may be its value or further options. To parse them as options is the safe choice.
    if (option === undefined) unknown = true
    else if (option.values === 0) given.push({ option, values: [] })
    else {
      const glued = arg.slice(at + 1)
      const step = takeValues(option, glued === '' ? undefined : glued, rest)
      return { given: [...given, ...step.given], unknown, taken: step.taken }
    }
  }
  return { given, unknown, taken: 0 }
}

function takeValues(option: Option, inline: string | undefined, rest: readonly string[]): Step {
  const requiredCount = option.values === 'glued' ? 0 : option.values
  const inlineValues = inline === undefined ? [] : [inline]
  const taken = Math.max(0, requiredCount - inlineValues.length)
  return { given: [{ option, values: [...inlineValues, ...rest.slice(0, taken)] }], unknown: false, taken }
}

/** Returns the effect and special arguments of all options. An unknown option counts as `write` (T11). */
export function checkArguments(tool: string, given: Arguments): { effect: Effect; special: SpecialArgument[] } {
  const verdicts = given.options.map(({ option }) => option.verdict)
  const changes = given.unknown.length > 0 || verdicts.some(({ effect }) => effect === 'write')
  const special = given.options.flatMap(({ option }) =>
    option.verdict.special === undefined
      ? []
      : [{ name: `${tool} ${option.names[0]}`, why: `it ${option.verdict.special}` }],
  )
  return { effect: changes ? 'write' : 'read', special: uniqueSpecial(special) }
}

/** Returns the options that lead a tool to other hosts. An unknown option counts as one (T12). */
export function findDetours(tool: string, given: Arguments): SpecialArgument[] {
  const known = given.options.flatMap(({ option }) =>
    option.verdict.detour === undefined
      ? []
      : [{ name: `${tool} ${option.names[0]}`, why: `it ${option.verdict.detour}` }],
  )
  return uniqueSpecial([...known, ...given.unknown.map((arg) => toUnknownDetour(`${tool} ${arg.split('=')[0]}`))])
}

/**
 * Returns the addresses by FTP, of which the server names the host that the file comes from (PASV). curl also guesses
 * FTP from a name. Source: RFC 959, 4.1.2.
 */
export function findFtpDetours(tool: string, addresses: readonly string[]): SpecialArgument[] {
  const byFtp = addresses.some((address) => /^ftps?(:\/\/|\.)/i.test(address))
  return byFtp ? [{ name: `${tool} ftp:`, why: 'it connects to the host that the server names' }] : []
}

/** Returns the special argument for an option that nothing is known of. */
export function toUnknownDetour(name: string): SpecialArgument {
  return { name, why: 'it may lead to any host' }
}

/** Removes duplicate special arguments. */
export function uniqueSpecial(special: readonly SpecialArgument[]): SpecialArgument[] {
  return [...new Map(special.map((each) => [each.name, each])).values()]
}

/** Returns all values of an option, under any of its names. */
export function valuesOf(given: Arguments, name: string): string[] {
  return given.options.filter(({ option }) => option.names.includes(name)).flatMap(({ values }) => values)
}

/** Returns true where one of the options was given, under any of its names. */
export function isGiven(given: Arguments, ...names: readonly string[]): boolean {
  return given.options.some(({ option }) => names.some((name) => option.names.includes(name)))
}
