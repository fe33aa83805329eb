import { commandText, parseError, quoted } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { pipe, type Token, textAt } from '../token.ts'

/** Returns the parser of a word without arguments. */
export function parseAlone<V extends string>(verb: V) {
  return (tokens: readonly Token[]): { verb: V } | ParseError => refuseExtraTokens(tokens, 1) ?? { verb }
}

/** Returns the parser of a word whose only argument is the id of a run. */
export function parseWithId<V extends string>(verb: V) {
  return (tokens: readonly Token[]): { verb: V; id: string } | ParseError => parseId(tokens, verb)
}

/** Parses `verb ID`, where the verb is the first token. */
export function parseId<V extends string>(tokens: readonly Token[], verb: V): { verb: V; id: string } | ParseError {
  const id = textAt(tokens, 1)?.toLowerCase()
  if (id === undefined) return parseError('missing-id', `Say which run: \`${verb} ID\`. \`runs\` lists yours.`, 'runs')
  // Rejects only texts that can't be an id; whether the run exists is checked later.
  if (!/^[a-z0-9-]{1,64}$/.test(id))
    return parseError('bad-id', `${quoted(id)} is not a valid run ID; \`runs\` lists yours.`)
  return refuseExtraTokens(tokens, 2) ?? { verb, id }
}

/** Returns tokens as text for people, without quotes. */
export function toPlainText(tokens: readonly Token[]): string {
  return tokens.map((token) => (token === pipe ? pipe : token.text)).join(' ')
}

/** Returns an error where there are more than `count` tokens. */
function refuseExtraTokens(tokens: readonly Token[], count: number): ParseError | undefined {
  if (tokens.length <= count) return undefined
  const suggestion = commandText(tokens.slice(0, count))
  return parseError('too-many-words', `\`${suggestion}\` takes no further arguments.`, suggestion)
}
