import { distance } from 'fastest-levenshtein'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { shellQuote } from '#core/util/quote'
import type { ParseError } from './parsed-shell-command.ts'
import { pipe, type Token } from './token.ts'

/** Returns a parse error. `suggestion` is the complete command that was probably meant. */
export function parseError(code: string, message: string, suggestion?: string): ParseError {
  return { verb: 'misunderstood', code, message, ...defined({ suggestion }) }
}

/** Returns true for a parse error. */
export function isParseError<T>(value: T | ParseError): value is ParseError {
  return typeof value === 'object' && value !== null && 'verb' in value && value.verb === 'misunderstood'
}

/** Returns tokens as command text, quoted where necessary. */
export function commandText(tokens: readonly Token[]): string {
  return tokens.map((token) => (token === pipe ? pipe : shellQuote(token.text))).join(' ')
}

/** Returns the complete command with `count` tokens from index `at` replaced by `text`, which isn't quoted. */
export function corrected(tokens: readonly Token[], at: number, text: string, count = 1): string {
  return [commandText(tokens.slice(0, at)), text, commandText(tokens.slice(at + count))]
    .filter((part) => part !== '')
    .join(' ')
}

/** Returns a word for use in a reply: in quotes, and cut to 58 characters if it has more than 60. */
export function quoted(word: string): string {
  const short = word.length > 60 ? cutText(word, 58) : word
  return `"${short}"`
}

/**
 * Returns the candidate that was probably meant: within an edit distance of 1 for words of 3 to 5 characters and of 2
 * for longer ones, or with two letters swapped. Undefined where none is similar enough, so that unrelated words get no
 * suggestion.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lowerCaseWord = word.toLowerCase()
  if (candidates.includes(lowerCaseWord)) return lowerCaseWord
  if (lowerCaseWord.length < 2 || lowerCaseWord.length > 60) return undefined
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(lowerCaseWord, candidate) }))
    .filter(
      ({ candidate, far }) =>
        far <= toMaxEdits(lowerCaseWord) || (far === 2 && hasSameLetters(lowerCaseWord, candidate)),
    )
    .sort((a, b) => a.far - b.far)
  return best?.candidate
}

function toMaxEdits(word: string): number {
  if (word.length < 3) return 0
  return word.length < 6 ? 1 : 2
}

function hasSameLetters(one: string, other: string): boolean {
  return [...one].sort().join('') === [...other].sort().join('')
}
