import type { Effect, SpecialArgument } from '#core/request/tool'

/** What one option means for the judging of a whole command. */
type Verdict = { effect: Effect; special?: string }

/** One option of a tool. */
export type Option = {
  /** Every spelling with its dashes; the first one names it in policies (`curl -o`). */
  names: readonly string[]
  /** How many words it takes as values; `glued` is one value that has to stand in the same word. */
  values: 0 | 1 | 2 | 'glued'
  verdict: Verdict
}

/** An option as it was given. */
export type GivenArguments = { option: Option; values: readonly string[] }

/** A tool's words, sorted into what they are. */
export type Arguments = {
  options: readonly GivenArguments[]
  operands: readonly string[]
  /** Words with options that the tool's file doesn't know. */
  unknown: readonly string[]
}

/** How a tool reads its words where it differs from GNU getopt. */
export type Dialect = {
  /** False where `--` doesn't end the options. */
  terminator?: boolean
  /** True where `-5` is an option. */
  numbers?: boolean
  /** True where a long option has to be written whole. */
  wholeNames?: boolean
  /** True where the first operand ends the options. */
  stopAtOperand?: boolean
  /** True where the file is sure which options take the next word, in all versions of the tool. */
  sureOfValues?: boolean
}

/**
 * Options from one line of text: `-n,--lines= -v --color[=] --arg==`. A comma joins spellings, `=` takes one value,
 * `==` two, `[=]` one in the same word.
 */
function options(verdict: Verdict, lines: string): Option[] {
  return lines
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, names = '', mark = ''] = /^(.*?)(\[=\]|==|=)?$/.exec(entry) ?? []
      const values = mark === '[=]' ? 'glued' : mark === '==' ? 2 : mark === '=' ? 1 : 0
      return { names: names.split(','), values, verdict }
    })
}

/** Options that only read. */
export const reading = (lines: string) => options({ effect: 'read' }, lines)

/** Options that may change something. */
export const changing = (lines: string) => options({ effect: 'write' }, lines)

/** Options that need a grant of their own; `why` completes "it …". */
export const special = (why: string, lines: string) => options({ effect: 'read', special: why }, lines)

/** Options that need a grant of their own and may change something. */
export const specialChange = (why: string, lines: string) => options({ effect: 'write', special: why }, lines)

/**
 * Sorts a tool's words (without its name) as GNU getopt does: bundled short options, values in the same or in the next
 * word, options after operands, long options by any beginning of their name.
 * Where a word can be read in several ways, the gravest one counts.
 */
export function readArguments(words: readonly string[], table: readonly Option[], dialect: Dialect = {}): Arguments {
  const found: { options: GivenArguments[]; operands: string[]; unknown: string[] } = {
    options: [],
    operands: [],
    unknown: [],
  }
  let at = 0
  while (at < words.length) {
    const word = words[at] ?? ''
    at += 1
    if (word === '--' && dialect.terminator !== false) {
      found.operands.push(...words.slice(at))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      found.operands.push(word)
      if (!dialect.stopAtOperand) continue
      found.operands.push(...words.slice(at))
      break
    }
    if (dialect.numbers && /^-\d+$/.test(word)) continue
    const { given, unknown, taken } = word.startsWith('--')
      ? longOption(word, words.slice(at), table, dialect)
      : shortOptions(word, words.slice(at), table)
    found.options.push(...given)
    if (unknown) found.unknown.push(word)
    const values = words.slice(at, at + taken)
    at += taken
    // A version of the tool that takes no value there would read this word as an option: judged as both.
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

function longOption(word: string, rest: readonly string[], table: readonly Option[], dialect: Dialect): Step {
  const equals = word.indexOf('=')
  const name = equals === -1 ? word : word.slice(0, equals)
  const inline = equals === -1 ? undefined : word.slice(equals + 1)
  const exact = table.find((option) => option.names.includes(name))
  const meant =
    exact || dialect.wholeNames
      ? [exact].filter((option) => option !== undefined)
      : table.filter((option) => option.names.some((each) => each.startsWith(name)))
  const [only, other] = meant
  if (only === undefined) return { given: [], unknown: true, taken: 0 }
  // The tool itself refuses a beginning that fits several options; each of them counts, and none takes the next word.
  if (other !== undefined) {
    return { given: meant.map((option) => ({ option, values: [inline ?? ''] })), unknown: false, taken: 0 }
  }
  return withValues(only, inline, rest)
}

function shortOptions(word: string, rest: readonly string[], table: readonly Option[]): Step {
  const given: GivenArguments[] = []
  let unknown = false
  for (let at = 1; at < word.length; at += 1) {
    const option = table.find(({ names }) => names.includes(`-${word[at]}`))
    // What follows an unknown letter may be its value or further options: read as options it can only look graver.
    if (option === undefined) unknown = true
    else if (option.values === 0) given.push({ option, values: [] })
    else {
      const glued = word.slice(at + 1)
      const step = withValues(option, glued === '' ? undefined : glued, rest)
      return { given: [...given, ...step.given], unknown, taken: step.taken }
    }
  }
  return { given, unknown, taken: 0 }
}

function withValues(option: Option, inline: string | undefined, rest: readonly string[]): Step {
  const wanted = option.values === 'glued' ? 0 : option.values
  const own = inline === undefined ? [] : [inline]
  const taken = Math.max(0, wanted - own.length)
  return { given: [{ option, values: [...own, ...rest.slice(0, taken)] }], unknown: false, taken }
}

/** Effect and special arguments of all that was given; what isn't known to be reading counts as changing. */
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

/** Each special argument once. */
export function uniqueSpecial(special: readonly SpecialArgument[]): SpecialArgument[] {
  return [...new Map(special.map((each) => [each.name, each])).values()]
}

/** All values that an option was given under any of its names. */
export function valuesOf(given: Arguments, name: string): string[] {
  return given.options.filter(({ option }) => option.names.includes(name)).flatMap(({ values }) => values)
}

/** True when an option was given under any of its names. */
export function isGiven(given: Arguments, ...names: readonly string[]): boolean {
  return given.options.some(({ option }) => names.some((name) => option.names.includes(name)))
}
