import { distance } from 'fastest-levenshtein'
import { shellQuote } from '#core/util/quote'
import type { ParseError } from './command.ts'
import { pipe, type Token } from './token.ts'

/** Words that aren't a command, with what was probably meant. */
export function parseError(code: string, message: string, suggestion?: string): ParseError {
  return { verb: 'misunderstood', code, message, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** True for a misunderstanding, whatever else the value might be. */
export function isParseError<T>(value: T | ParseError): value is ParseError {
  return typeof value === 'object' && value !== null && 'verb' in value && value.verb === 'misunderstood'
}

/** Tokens as they would be typed: quoted where they have to be. */
export function commandText(tokens: readonly Token[]): string {
  return tokens.map((token) => (token === pipe ? pipe : shellQuote(token.text))).join(' ')
}

/** The whole command with `count` of its tokens exchanged for plain text. */
export function corrected(tokens: readonly Token[], at: number, text: string, count = 1): string {
  return [commandText(tokens.slice(0, at)), text, commandText(tokens.slice(at + count))]
    .filter((part) => part !== '')
    .join(' ')
}

/** A word as it may stand in an answer: short, and in quotes. */
export function quoted(word: string): string {
  const short = word.length > 60 ? `${word.slice(0, 57).toWellFormed()}…` : word
  return `"${short}"`
}

/**
 * The candidate that was probably meant: one slip for short words, two for longer ones, two letters exchanged for all.
 * Undefined where nothing is near, so that other words are not bent into ours.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const small = word.toLowerCase()
  if (candidates.includes(small)) return small
  if (small.length < 2 || small.length > 60) return undefined
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(small, candidate) }))
    .filter(({ candidate, far }) => far <= slips(small) || (far === 2 && sameLetters(small, candidate)))
    .sort((a, b) => a.far - b.far)
  return best?.candidate
}

function slips(word: string): number {
  if (word.length < 3) return 0
  return word.length < 6 ? 1 : 2
}

function sameLetters(one: string, other: string): boolean {
  return [...one].sort().join('') === [...other].sort().join('')
}
