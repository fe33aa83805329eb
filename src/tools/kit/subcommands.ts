import type { Effect, SpecialArgument } from '#core/request/tool'
import { type Checked, uniqueSpecial, unknownWhy, type Verdict } from './arguments.ts'

/** Command or keyword of a tool, with the words that may follow it. */
export type Command = {
  /** All spellings; policies use the first one (`ip vrf exec`). */
  names: readonly string[]
  verdict: Verdict
  /** Number of words after a keyword that are its values. */
  values: number
  next: Next
}

/**
 * Words after a command. `any`: they can't change what it does. A list: one of these commands, or nothing. Keywords: any
 * of them, in any order, and words that match `other`.
 */
export type Next = 'any' | { commands: readonly Command[] } | { keywords: readonly Command[]; other: RegExp }

/**
 * How tools compare a word with their commands. `exact`: the whole word. `first-prefix`: the first command in their
 * order that begins with the word, as iproute2 and bpftool do. `any-prefix`: any that begins with it.
 */
type Match = 'exact' | 'first-prefix' | 'any-prefix'

/** Commands as they were found: their effect, special arguments and names, as typed in full (`vrf exec`). */
export type ReadCommands = Checked & { path: readonly string[] }

/**
 * Parses commands from text such as `list,show,lst add! exec* dev=`. A comma separates spellings. `!` marks what changes
 * something, `*` what needs its own grant and may change something, and each `=` a value. `why` completes "it …".
 */
export function commands(text: string, why = unknownWhy, next: Next = 'any'): Command[] {
  return text
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [marked = '', ...values] = entry.split('=')
      const mark = marked.endsWith('!') || marked.endsWith('*') ? marked.slice(-1) : ''
      const names = marked.slice(0, marked.length - mark.length)
      const effect: Effect = mark === '' ? 'read' : 'write'
      const verdict: Verdict = mark === '*' ? { effect, special: why } : { effect }
      return { names: names.split(','), verdict, values: values.length, next }
    })
}

/** Returns a command with further commands below it, in the notation of `commands`. Alone, it only reads. */
export const group = (names: string, below: readonly Command[]): Command => ({
  names: names.split(','),
  verdict: { effect: 'read' },
  values: 0,
  next: { commands: below },
})

/** Returns commands that are followed by keywords only, and by other words of the form `other`. */
export const withKeywords = (list: readonly Command[], keywords: readonly Command[], other: RegExp): Command[] =>
  list.map((command) => ({ ...command, next: { keywords, other } }))

/**
 * Reads the words of a tool that is controlled by commands. A word that isn't known counts as `write` and needs its own
 * grant. `tool` is the name in special arguments; `match` is how it compares commands; keywords may always be prefixes
 * where commands may.
 */
export function readCommands(
  tool: string,
  words: readonly string[],
  list: readonly Command[],
  match: Match,
): ReadCommands {
  const [word, ...rest] = words
  if (word === undefined) return { effect: 'read', special: [], sendsInput: false, path: [] }
  const [first, ...others] = find(word, list, match).map((command) => readCommand(tool, command, rest, match))
  if (first === undefined) return { ...toUnknown(tool, word), path: [] }
  return others.reduce((sum, other) => ({ ...mergeChecked(sum, other), path: sum.path }), first)
}

function readCommand(tool: string, command: Command, rest: readonly string[], match: Match): ReadCommands {
  const [name = ''] = command.names
  const below = readNext(`${tool} ${name}`, rest, command.next, match)
  return { ...mergeChecked(toChecked(tool, command), below), path: [name, ...below.path] }
}

function readNext(tool: string, words: readonly string[], next: Next, match: Match): ReadCommands {
  if (next === 'any') return { effect: 'read', special: [], sendsInput: false, path: [] }
  if ('commands' in next) return readCommands(tool, words, next.commands, match)
  let found: Checked = { effect: 'read', special: [], sendsInput: false }
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const keywords = find(word, next.keywords, match === 'exact' ? 'exact' : 'any-prefix')
    for (const keyword of keywords) found = mergeChecked(found, toChecked(tool, keyword))
    if (keywords.length === 0 && !next.other.test(word)) found = mergeChecked(found, toUnknown(tool, word))
    // Where keywords differ in it, the fewest words are taken for values, so that none is overlooked.
    if (keywords.length > 0) at += Math.min(...keywords.map(({ values }) => values))
  }
  return { ...found, path: [] }
}

function find(word: string, list: readonly Command[], match: Match): readonly Command[] {
  if (match === 'exact') return list.filter(({ names }) => names.includes(word))
  const matches = list.filter(({ names }) => word !== '' && names.some((name) => name.startsWith(word)))
  return match === 'first-prefix' ? matches.slice(0, 1) : matches
}

function toChecked(tool: string, { names, verdict }: Command): Checked {
  const name = verdict.grant ?? `${tool} ${names[0] ?? ''}`
  const special: SpecialArgument[] = verdict.special === undefined ? [] : [{ name, why: `it ${verdict.special}` }]
  return { effect: verdict.effect, special, sendsInput: false }
}

const toUnknown = (tool: string, word: string): Checked => ({
  effect: 'write',
  special: [{ name: `${tool} ${word}`, why: `it ${unknownWhy}` }],
  sendsInput: false,
})

/** Returns what both do together. */
export const mergeChecked = (one: Checked, other: Checked): Checked => ({
  effect: one.effect === 'write' ? 'write' : other.effect,
  special: uniqueSpecial([...one.special, ...other.special]),
  sendsInput: one.sendsInput || other.sendsInput,
})
