import { type Effect, type SpecialArgument, upload } from '#core/request/tool'

/**
 * Classification of one option or command. `special`: why it needs its own grant; completes "it …". `grant`: its name in
 * policies, where that isn't the tool's and its own. `sends`: its value names a file that is sent to another host
 * (`file`), or that may be standard input, which is sent then (`input`). `detour`: why it needs a grant where destinations
 * are denied.
 */
export type Verdict = { effect: Effect; special?: string; grant?: string; sends?: 'file' | 'input'; detour?: string }

/** Option of a tool. */
export type Option = {
  /** All spellings with their dashes; policies use the first one (`curl -o`). */
  names: readonly string[]
  /** Number of values that it takes; `glued` is one optional value that has to be in the same argument. */
  values: 0 | 1 | 2 | 'glued'
  verdict: Verdict
  /** Values with which the option only reads and needs no grant. */
  harmless?: RegExp
}

/** Option as typed, with its values. */
export type GivenArguments = { option: Option; values: readonly string[] }

/** Parsed arguments of a tool. */
export type Arguments = {
  options: readonly GivenArguments[]
  operands: readonly string[]
  /** Options, as typed but without a value, that aren't in the tool's table. */
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
  /**
   * How an argument with one dash is parsed, where not as a bundle of letters. `long-first`: as a long option, and as
   * letters if there is none, as getopt_long_only does. `names`: as one name; the value may follow in the same argument.
   * `first-prefix`: as a prefix of a name, of which the first in the table counts, as iproute2 does.
   */
  oneDash?: 'long-first' | 'names' | 'first-prefix'
  /** True where options may begin with `+`; the table lists them with it. */
  plus?: boolean
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

/** Returns the options with values that make them harmless: with those alone, they only read and need no grant. */
export const unless = (harmless: RegExp, options: readonly Option[]): Option[] =>
  options.map((option) => ({ ...option, harmless }))

/** Returns the options as ones whose values name files that are sent to another host, or standard input. */
export const sending = (options: readonly Option[]): Option[] =>
  options.map((option) => ({ ...option, verdict: { ...option.verdict, sends: 'file' } }))

/** Returns the options as ones whose values name files of hosts or questions; of standard input these are sent. */
export const asking = (options: readonly Option[]): Option[] =>
  options.map((option) => ({ ...option, verdict: { ...option.verdict, sends: 'input' } }))

/** Marks options of a table as ones that lead elsewhere, as `detour` does: each reason with the names of its options. */
export function withDetours(options: readonly Option[], reasons: Readonly<Record<string, string>>): Option[] {
  const whyOf = new Map(Object.entries(reasons).flatMap(([why, names]) => names.split(' ').map((name) => [name, why])))
  return options.map((option) => {
    const detour = option.names.map((name) => whyOf.get(name)).find((why) => why !== undefined)
    return detour === undefined ? option : { ...option, verdict: { ...option.verdict, detour } }
  })
}

/** Returns options or commands with a name of their own in policies: `grant` instead of the words that lead to them. */
export const granted = <T extends { verdict: Verdict }>(grant: string, list: readonly T[]): T[] =>
  list.map((each) => ({ ...each, verdict: { ...each.verdict, grant } }))

/** File names that write to the output of the tool, or nowhere. */
export const toOutput = /^(-|\/dev\/(null|stdout|stderr))$/

/** Maximum number of values of one option. */
const mostValues = 2

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
    if (arg === '-' || !(arg.startsWith('-') || (dialect.plus && /^\+./.test(arg)))) {
      found.operands.push(arg)
      if (!dialect.stopAtOperand) continue
      found.operands.push(...args.slice(at))
      break
    }
    if (dialect.numbers && /^-\d+$/.test(arg)) continue
    const { given, unknown, taken } = readOption(arg, args.slice(at, at + mostValues), table, dialect)
    found.options.push(...given)
    found.unknown.push(...unknown)
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

type Step = { given: GivenArguments[]; unknown: string[]; taken: number }

function readOption(arg: string, rest: readonly string[], table: readonly Option[], dialect: Dialect): Step {
  if (dialect.oneDash === 'first-prefix') return readFirstPrefix(arg, rest, table)
  if (dialect.oneDash === 'names') return readName(arg, rest, table)
  if (arg.startsWith('--')) return readLongOption(arg, rest, table, dialect)
  if (dialect.oneDash !== 'long-first' || arg.length === 2) return readShortOptions(arg, rest, table)
  const long = readLongOption(`-${arg}`, rest, table, dialect)
  return long.unknown.length === 0 ? long : readShortOptions(arg, rest, table)
}

function splitAtEquals(arg: string): { name: string; inline: string | undefined } {
  const equals = arg.indexOf('=')
  return equals === -1
    ? { name: arg, inline: undefined }
    : { name: arg.slice(0, equals), inline: arg.slice(equals + 1) }
}

function readLongOption(arg: string, rest: readonly string[], table: readonly Option[], dialect: Dialect): Step {
  const { name, inline } = splitAtEquals(arg)
  const exact = table.find((option) => option.names.includes(name))
  const matches =
    exact || dialect.wholeNames
      ? [exact].filter((option) => option !== undefined)
      : table.filter((option) => option.names.some((each) => each.startsWith(name)))
  const [only, other] = matches
  if (only === undefined) return { given: [], unknown: [name], taken: 0 }
  // The tool itself refuses an ambiguous prefix. Each matching option counts, and none takes the next argument.
  if (other !== undefined) {
    return { given: matches.map((option) => ({ option, values: [inline ?? ''] })), unknown: [], taken: 0 }
  }
  return takeValues(only, inline, rest)
}

function readFirstPrefix(arg: string, rest: readonly string[], table: readonly Option[]): Step {
  const { name, inline } = splitAtEquals(arg.replace(/^--/, '-'))
  const isPrefix = (each: string) => each.replace(/^--/, '-').startsWith(name)
  const option = table.find(({ names }) => names.some(isPrefix))
  return option === undefined ? { given: [], unknown: [arg], taken: 0 } : takeValues(option, inline, rest)
}

/** Parses an argument as a name with one dash or two; the longest name that takes values may be followed by its value. */
function readName(arg: string, rest: readonly string[], table: readonly Option[]): Step {
  const name = arg.replace(/^--/, '-')
  const exact = table.find(({ names }) => names.includes(name))
  if (exact !== undefined) return takeValues(exact, undefined, rest)
  const glued = table
    .filter(({ values }) => values !== 0)
    .flatMap((option) => option.names.map((each) => ({ option, each })))
    .filter(({ each }) => name.startsWith(each))
    .toSorted((one, other) => other.each.length - one.each.length)[0]
  if (glued === undefined) return { given: [], unknown: [arg], taken: 0 }
  return takeValues(glued.option, name.slice(glued.each.length).replace(/^=/, ''), rest)
}

function readShortOptions(arg: string, rest: readonly string[], table: readonly Option[]): Step {
  const given: GivenArguments[] = []
  const unknown: string[] = []
  const sign = arg.slice(0, 1)
  for (let at = 1; at < arg.length; at += 1) {
    const name = `${sign}${arg[at]}`
    const option = table.find(({ names }) => names.includes(name))
    // Letters after an unknown option may be its value or further options. To parse them as options is the safe choice.
    if (option === undefined) unknown.push(name)
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
  return { given: [{ option, values: [...inlineValues, ...rest.slice(0, taken)] }], unknown: [], taken }
}

/** What arguments do, and the special arguments among them. */
export type Checked = { effect: Effect; special: SpecialArgument[]; sendsInput: boolean }

/** Why an argument that isn't known needs its own grant; completes "it …". */
export const unknownWhy = 'is not known here, and may run a program or write a file'

/**
 * Returns the effect and special arguments of all options. An unknown option counts as `write` (T11), and needs its own
 * grant: it may run a program or write a file. With `plainUnknown` it doesn't need one, because no option of the tool
 * does either.
 */
export function checkArguments(tool: string, given: Arguments, plainUnknown = false): Checked {
  const verdicts = given.options.map(verdictOf)
  const special = given.options.flatMap((each) => specialOf(tool, each))
  const unknown = plainUnknown
    ? []
    : given.unknown.map((name) => ({ name: `${tool} ${name}`, why: `it ${unknownWhy}` }))
  return {
    effect: given.unknown.length > 0 || verdicts.some(({ effect }) => effect === 'write') ? 'write' : 'read',
    special: uniqueSpecial([...special, ...unknown]),
    sendsInput: given.options.some((each) => verdictOf(each).sends !== undefined && each.values.some(isInput)),
  }
}

const plainVerdict: Verdict = { effect: 'read' }

function verdictOf({ option, values }: GivenArguments): Verdict {
  const { harmless, verdict } = option
  return harmless !== undefined && values.every((value) => harmless.test(value)) ? plainVerdict : verdict
}

function specialOf(tool: string, given: GivenArguments): SpecialArgument[] {
  const verdict = verdictOf(given)
  const name = verdict.grant ?? `${tool} ${given.option.names[0] ?? ''}`
  const own = verdict.special === undefined ? [] : [{ name, why: `it ${verdict.special}` }]
  return verdict.sends === 'file' && !given.values.every(isInput) ? [...own, upload] : own
}

/** Returns true for a value that means standard input, also after a name: `-`, `@-`, `f=<-;type=x`, `/dev/stdin`. */
function isInput(value: string): boolean {
  const [path = ''] = value.split(';')
  return /(^|[@<=])(-|\.|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/.test(path)
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
