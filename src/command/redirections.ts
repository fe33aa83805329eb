import { parseError } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import type { Piece } from './undo-typography.ts'

/** Characters of the longest redirection that is understood, with spaces in it. */
const maxLength = 40

/** Returns the text from an index on; what is quoted has no meaning in it. */
function plainText(pieces: readonly Piece[], from: number, to?: number): string {
  return pieces
    .slice(from, to)
    .map(({ char, literal }) => (literal ? '_' : char))
    .join('')
}

const text = (pieces: readonly Piece[], from: number, to?: number): string =>
  pieces
    .slice(from, to)
    .map(({ char }) => char)
    .join('')

const isTwo = (word: readonly Piece[] | undefined) =>
  word?.length === 1 && word[0]?.char === '2' && word[0].literal === false

/**
 * Returns the number of characters of a redirection that changes nothing here: no tool gets input that isn't piped to
 * it (`</dev/null`), and all output is shown (`2>&1` at the end). `2>/dev/null` only hides errors, which are shown. 0 for
 * any other.
 */
export function lengthOfPlainRedirection(
  pieces: readonly Piece[],
  at: number,
  { word, piped }: { word: readonly Piece[] | undefined; piped: boolean },
): number {
  const rest = plainText(pieces, at, at + maxLength)
  const isShort = pieces.length - at <= maxLength
  if (!piped && rest.startsWith('<')) return /^< {0,9}\/dev\/null(?=[ \t|]|$)/.exec(rest)?.[0].length ?? 0
  if (!isTwo(word)) return 0
  const hidden = /^> {0,9}\/dev\/null(?=[ \t|]|$)/.exec(rest)
  if (hidden !== null) return hidden[0].length
  return isShort && /^>&1[ \t]*$/.test(rest) ? 3 : 0
}

/** Returns the answer to a redirection for which there is another way to get the same; undefined for any other. */
export function explainRedirection(
  pieces: readonly Piece[],
  at: number,
  word: readonly Piece[] | undefined,
): ParseError | undefined {
  const rest = plainText(pieces, at, at + maxLength)
  if (isTwo(word) && /^>&1[ \t]*\|/.test(rest)) {
    const message =
      "What a tool writes to stderr is shown here anyway, and can't be piped. Leave out `2>&1` and what follows it."
    return parseError('shell-syntax', message, text(pieces, 0, at - 1).trim())
  }
  const nowhere = /^> {0,9}\/dev\/null(?=[ \t|]|$)/.exec(rest)
  if (nowhere === null) return undefined
  const before = text(pieces, 0, at).replace(/ 1$/, '')
  const after = text(pieces, at + nowhere[0].length)
  const stage = before.slice(before.lastIndexOf('|') + 1)
  if (!/ curl /.test(stage)) return undefined
  const message = 'curl leaves out what it fetches with `-o /dev/null`.'
  return parseError('shell-syntax', message, `${before.trim()} -o /dev/null${after}`)
}

/** Returns true for a text with a loop of a shell. */
export function isLoop(pieces: readonly Piece[]): boolean {
  const words = plainText(pieces, 0).split(/[\s;]+/)
  const begin = words.findIndex((each) => each === 'for' || each === 'while' || each === 'until')
  return begin !== -1 && words.indexOf('do', begin) !== -1
}
