import type { ParseError } from '../parsed-shell-command.ts'
import { approvalWords } from './approvals.ts'
import { botWords } from './bot.ts'
import { runWords } from './runs.ts'
import { shellWords } from './shell.ts'
import { timelineWords } from './timeline.ts'
import { targetWords } from './tools-nodes-pods.ts'
import { triageWords } from './triage.ts'

/** All command words, in the order in which people read them. What a word is, its own file says. */
export const words = {
  ...shellWords,
  ...triageWords,
  ...timelineWords,
  ...targetWords,
  ...runWords,
  ...approvalWords,
  ...botWords,
}

type Words = typeof words

export type Command = Exclude<ReturnType<Words[keyof Words]['parse']>, ParseError>

/** Parsed command with this verb. `shell` and `can-i` are parsed to `shell` or `fan-out`. */
export type CommandOf<V extends Command['verb']> = Extract<Command, { verb: V }>

/** Verbs of the words that reply with one message. */
export type AnsweringVerb = Command['verb'] &
  { [W in keyof Words]: Words[W]['does'] extends 'acts' ? never : W }[keyof Words]

/** Definitions of words by the texts that people type for them. */
export const wordByText: ReadonlyMap<string, Words[keyof Words]> = new Map(
  Object.entries(words).flatMap(([name, word]) =>
    [name, ...('aliases' in word ? word.aliases : [])].map((text) => [text, word] as const),
  ),
)
