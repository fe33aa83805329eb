import { commandText, isParseError } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import type { Token } from './token.ts'
import { fromArgv, toTokens } from './tokens.ts'

/** A command as text, and its words, which are read once. */
export type TypedCommand = {
  text: string
  /** True where `&`, `<` and `>` are written as HTML entities in the text, as Slack does. */
  entities: boolean
  tokens: readonly Token[] | ParseError
}

/** Reads a text that was typed in chat. */
export function readTyped(text: string, entities: boolean): TypedCommand {
  return { text, entities, tokens: toTokens(text, entities) }
}

/** Returns a command that has its words already; `text` says the same to people, and is not read. */
export function readArgv(text: string, words: readonly string[]): TypedCommand {
  return { text, entities: false, tokens: fromArgv(words) }
}

/** Returns a command with words in front of it, which need no quotes. */
export function withWordsBefore(words: readonly string[], { text, entities, tokens }: TypedCommand): TypedCommand {
  const before = fromArgv(words)
  return {
    text: `${words.join(' ')} ${text.trim()}`,
    entities,
    tokens: isParseError(before) ? before : isParseError(tokens) ? tokens : [...before, ...tokens],
  }
}

/** Returns the command as a person would type it, without what their chat made of it; undefined where it can't be read. */
export function plainText({ tokens }: TypedCommand): string | undefined {
  return isParseError(tokens) ? undefined : commandText(tokens)
}
