import { ownerKindOf } from '#core/request/owner'
import type { Catalogue } from '#core/request/tool'
import type { TypedCommand } from './command-text-and-tokens.ts'
import { explainKubectl } from './kubectl-commands.ts'
import { commandText, corrected, isParseError, nearest, parseError, quoted } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import { isKind } from './target.ts'
import { pipe, type Token, textAt } from './token.ts'
import { fromArgv, toTokens } from './tokens.ts'
import { type Command, wordByText, words } from './words/all-words.ts'

/** Words that people type instead of `shell`. */
const shellSynonyms = ['run', 'exec', 'debug', 'ssh', 'attach']

/** Prefixes of commands that were copied from elsewhere; they are removed. */
const prefixes = [['kubectl', 'retina'], ['kubectl-retina'], ['/retina'], ['@retina'], ['retina']]

/**
 * Parses a command that was read (`tokens`), one as typed in chat (`entities`: `&`, `<` and `>` are HTML entities, as
 * Slack sends them), or an argv that a console has split (`words`). Total: never throws, for any input.
 */
export function parse(
  input: Pick<TypedCommand, 'tokens'> | { text: string; entities?: boolean } | { words: readonly string[] },
  catalogue: Catalogue,
): Command | ParseError {
  const tokens = tokensOf(input)
  if (isParseError(tokens)) return tokens
  const command = parseVerb(removePrefix(tokens), catalogue)
  return isParseError(command) ? followSuggestion(command, catalogue) : command
}

/** Maximum number of corrections that are put together. */
const maxCorrections = 3

/** Corrects what is suggested as long as it is misunderstood itself: `sudo egrep x` becomes `grep -E x`. */
function followSuggestion(error: ParseError, catalogue: Catalogue): ParseError {
  let current = error
  for (let count = 0; count < maxCorrections && followed.has(current.code); count += 1) {
    if (current.suggestion === undefined) break
    const tokens = toTokens(current.suggestion, false)
    const next = isParseError(tokens) ? tokens : parseVerb(tokens, catalogue)
    if (!isParseError(next)) break
    current = parseError(next.code, `${current.message} ${next.message}`, next.suggestion)
  }
  return current
}

/** Errors whose corrections replace one word only, so that others may be left. */
const followed: ReadonlySet<string> = new Set(['unknown-tool', 'unknown-verb', 'missing-verb'])

function tokensOf(input: Parameters<typeof parse>[0]): readonly Token[] | ParseError {
  if ('tokens' in input) return input.tokens
  return 'text' in input ? toTokens(input.text, input.entities ?? false) : fromArgv(input.words)
}

/** Removes the beginning of a command that was copied from elsewhere, such as `kubectl retina`, and a typed `@retina:`. */
export function removePrefix(tokens: readonly Token[]): readonly Token[] {
  const startsWithPrefix = (prefix: readonly string[]) =>
    prefix.every((word, at) => textAt(tokens, at)?.toLowerCase().replace(/[:,]$/, '') === word)
  const prefix = prefixes.find(startsWithPrefix)
  return prefix === undefined ? tokens : tokens.slice(prefix.length)
}

function parseVerb(tokens: readonly Token[], catalogue: Catalogue): Command | ParseError {
  if (tokens.length === 0) return { verb: 'help' }
  const verb = textAt(tokens, 0)?.toLowerCase() ?? pipe
  return wordByText.get(verb)?.parse(tokens, catalogue) ?? explainUnknownVerb(tokens, verb, catalogue)
}

/** Returns true for a word such as `pod/web-1`. */
function isTargetWord(word: string): boolean {
  const [kind = '', name] = word.split('/')
  return name !== undefined && name !== '' && (isKind(kind) || ownerKindOf(kind) !== undefined)
}

function explainUnknownVerb(tokens: readonly Token[], verb: string, catalogue: Catalogue): ParseError {
  const all = commandText(tokens)
  const ofKubectl = explainKubectl(tokens)
  if (ofKubectl !== undefined) return ofKubectl
  if (verb === 'export') {
    const message = 'Shell variables are not supported; choose another image with --retina-shell-image-repo REPO.'
    return parseError('unknown-verb', message)
  }
  if (catalogue.tool(verb) !== undefined) {
    const message = `Say on which node or pod ${verb} should run.`
    return parseError('missing-target', message, `shell TARGET ${corrected(tokens, 0, verb)}`)
  }
  if (shellSynonyms.includes(verb)) {
    return parseError('unknown-verb', `The command for that is \`shell\`.`, corrected(tokens, 0, 'shell'))
  }
  const beforeTool = catalogue.tool(textAt(tokens, 1) ?? '') !== undefined
  if (beforeTool || verb.startsWith('-') || isTargetWord(verb)) {
    return parseError('missing-verb', 'A command begins with its verb, here `shell`.', `shell ${all}`)
  }
  const verbs = Object.keys(words)
  const similar = nearest(verb, verbs)
  if (similar !== undefined) {
    return parseError(
      'unknown-verb',
      `There is no command ${quoted(verb)}; the closest is ${similar}.`,
      corrected(tokens, 0, similar),
    )
  }
  const tool = nearest(verb, catalogue.names)
  if (tool !== undefined) {
    const message = `There is no command ${quoted(verb)}; the closest tool is ${tool}.`
    return parseError('missing-target', message, `shell TARGET ${corrected(tokens, 0, tool)}`)
  }
  const message = `There is no command ${quoted(verb)}. The commands are ${verbs.join(', ')}.`
  return parseError('unknown-verb', message, 'help')
}
