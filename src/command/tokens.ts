import { redactionsIn } from '#core/output/redact'
import { shellQuote } from '#core/util/quote'
import { isParseError, parseError } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import { explainRedirection, isLoop, lengthOfPlainRedirection } from './redirections.ts'
import { pipe, type Token } from './token.ts'
import { type Piece, toPieces, undoDashes, undoFormatting, undoTypography } from './undo-typography.ts'

/** Maximum length of a command, in characters. */
const maxLength = 4000

/** Splits a text that was typed in chat. `escaped`: `&`, `<` and `>` are HTML entities, as Slack sends them. */
export function toTokens(text: string, escaped: boolean): readonly Token[] | ParseError {
  if (text.length > maxLength * (escaped ? 2 : 1)) return tooLong
  const clean = undoFormatting(undoTypography(text))
  const problem = refuseUnreadable(clean)
  if (problem !== undefined) return problem
  return split(clean, escaped)
}

/** Converts an argv that is already split: only `|` as a separate argument has a special meaning. */
export function fromArgv(argv: readonly string[]): readonly Token[] | ParseError {
  if (argv.reduce((length, word) => length + word.length + 1, 0) > maxLength) return tooLong
  const problem = refuseUnreadable(argv.join(' '))
  if (problem !== undefined) return problem
  return argv.map((text) => (text === pipe ? pipe : { text, bare: '_'.repeat(text.length), ticked: false }))
}

const tooLong = parseError('too-long', `A command can have at most ${maxLength} characters.`)

const mark = parseError(
  'shell-syntax',
  'The command has the mark of a hidden secret ("[redacted: …]") in it. Type the secret itself in its place.',
)

function refuseUnreadable(text: string): ParseError | undefined {
  if (redactionsIn(text) > 0) return mark
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if ((code < 0x20 && char !== '\n' && char !== '\t') || (code >= 0x7f && code <= 0x9f)) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
      return parseError('shell-syntax', `The command contains a control character (${name}); type it again without it.`)
    }
  }
  return undefined
}

// Prompt that was copied from a terminal with the command: `$ `, `# `, `root [ / ]# ` or `root@node:/# `.
const prompt = /^\s*(?:[\w.-]*(?:@[\w.-]+)?(?: \[ [^\]\n]* \]|:[^\s#$]*)?[$#%]) +/

function split(text: string, escaped: boolean): readonly Token[] | ParseError {
  const pieces = toPieces(text.trim().replace(prompt, ''), escaped)
  return pieces.length > maxLength ? tooLong : tokenise(pieces)
}

/** State of the tokeniser: the complete tokens, and the word in progress. */
type Scan = { tokens: Token[]; word: Piece[] | undefined }

function tokenise(pieces: readonly Piece[]): readonly Token[] | ParseError {
  const scan: Scan = { tokens: [], word: undefined }
  let at = 0
  while (at < pieces.length) {
    const next = readNext(scan, pieces, at)
    if (typeof next !== 'number') return next
    at = next
  }
  endWord(scan)
  return scan.tokens
}

/** Processes the input at index `at`; returns the index of the next character to process. */
function readNext(scan: Scan, pieces: readonly Piece[], at: number): number | ParseError {
  const { char = '', literal = false } = pieces[at] ?? {}
  if (literal) return append(scan, [{ char, literal }], at + 1)
  if (char === '<' || char === '>') return readRedirection(scan, pieces, at)
  switch (char) {
    case ' ':
    case '\t':
      endWord(scan)
      return at + 1
    case "'":
    case '"':
      return readQuotation(scan, pieces, at)
    case '\\':
      return readBackslash(scan, pieces, at)
    case '`':
      return readTicks(scan, pieces, at)
    case pipe:
      if (isBare(pieces[at + 1], '|&')) return refuse(pieces, at)
      endWord(scan)
      scan.tokens.push(pipe)
      return at + 1
    case '#':
      return scan.word === undefined ? skipComment(pieces, at) : append(scan, [{ char, literal }], at + 1)
    case '$':
      if (/[\w({'"?!#$*@-]/.test(pieces[at + 1]?.char ?? '')) return refuse(pieces, at)
      return append(scan, [{ char, literal }], at + 1)
    default:
      return ';&()\n'.includes(char) ? refuse(pieces, at) : append(scan, [{ char, literal }], at + 1)
  }
}

function readRedirection(scan: Scan, pieces: readonly Piece[], at: number): number | ParseError {
  const length = lengthOfPlainRedirection(pieces, at, { word: scan.word, piped: scan.tokens.includes(pipe) })
  if (length === 0) return explainRedirection(pieces, at, scan.word) ?? refuse(pieces, at)
  // The file descriptor in front of `>` belongs to it.
  if (pieces[at]?.char === '>') scan.word = undefined
  endWord(scan)
  return at + length
}

function isBare(piece: Piece | undefined, chars: string): boolean {
  return piece !== undefined && !piece.literal && chars.includes(piece.char)
}

function append(scan: Scan, pieces: readonly Piece[], next: number): number {
  scan.word ??= []
  scan.word.push(...pieces)
  return next
}

function endWord(scan: Scan): void {
  if (scan.word === undefined) return
  const pieces = undoDashes(scan.word)
  const text = pieces.map(({ char }) => char).join('')
  const bare = pieces.map(({ char, literal }) => (literal ? '_'.repeat(char.length) : char)).join('')
  scan.tokens.push({ text, bare, ticked: false })
  scan.word = undefined
}

function readQuotation(scan: Scan, pieces: readonly Piece[], at: number): number | ParseError {
  const { char: quote = '' } = pieces[at] ?? {}
  const inside: Piece[] = []
  for (let next = at + 1; next < pieces.length; next += 1) {
    const piece = pieces[next]
    if (isBare(piece, quote)) return append(scan, inside, next + 1)
    const escaped = quote === '"' && isBare(piece, '\\') && '"\\$`\n'.includes(pieces[next + 1]?.char ?? '-')
    if (escaped) next += 1
    inside.push({ char: pieces[next]?.char ?? '', literal: true })
  }
  const message = `There is an opening ${quote} without a closing one. Close it, or write \\${quote} for a literal one.`
  return parseError('unclosed-quote', message)
}

function readBackslash(scan: Scan, pieces: readonly Piece[], at: number): number {
  const next = pieces[at + 1]
  // A backslash at the end of a line joins the line with the next one.
  if (next?.char === '\n') return at + 2
  return append(scan, [{ char: next?.char ?? '\\', literal: true }], at + 2)
}

/** Ignores backticks around whole words, which are chat formatting; refuses others, which run a command in a shell. */
function readTicks(scan: Scan, pieces: readonly Piece[], at: number): number | ParseError {
  let size = 1
  while (isBare(pieces[at + size], '`')) size += 1
  const end = findFence(pieces, at + size, size)
  const after = pieces[end + size]
  const whole = scan.word === undefined && (after === undefined || isBare(after, ' \t\n|'))
  if (!whole || end >= pieces.length) return refuse(pieces, at)
  const inside = tokenise(removeFrame(pieces.slice(at + size, end), size))
  if (isParseError(inside)) return inside
  const [first, ...rest] = inside
  if (first === undefined) return end + size
  scan.tokens.push(first !== pipe && rest.length > 0 ? { ...first, ticked: true } : first, ...rest)
  return end + size
}

/** Returns the index from `from` at which `size` backticks stand together; the length of `pieces` where they don't. */
function findFence(pieces: readonly Piece[], from: number, size: number): number {
  let count = 0
  for (let at = from; at < pieces.length; at += 1) {
    count = isBare(pieces[at], '`') ? count + 1 : 0
    if (count === size) return at - size + 1
  }
  return pieces.length
}

/** Returns the content of a code block without its language tag, surrounding empty lines and prompt. */
function removeFrame(inside: readonly Piece[], size: number): readonly Piece[] {
  const text = inside.map(({ char }) => char).join('')
  const language = size < 3 ? 0 : (/^(?:bash|sh|shell|console|text)?\s*\n/.exec(text)?.[0].length ?? 0)
  const front = language + (prompt.exec(text.slice(language))?.[0].length ?? 0)
  return [...inside].slice(countPieces(inside, front), countPieces(inside, text.trimEnd().length))
}

function countPieces(pieces: readonly Piece[], length: number): number {
  let sum = 0
  const found = pieces.findIndex(({ char }) => {
    sum += char.length
    return sum > length
  })
  return found === -1 ? pieces.length : found
}

function skipComment(pieces: readonly Piece[], at: number): number | ParseError {
  const next = pieces[at + 1]
  if (next !== undefined && !isBare(next, ' \t')) return refuse(pieces, at)
  const end = pieces.findIndex((piece, index) => index > at && piece.char === '\n')
  return end === -1 ? pieces.length : end
}

const reasons: Readonly<Record<string, string>> = {
  ';': '";" would begin a second command. Send one command at a time',
  '&': '"&" would run a second command. Send one command at a time',
  '|': '"||" would run a second command. Send one command at a time; a single "|" is a pipe',
  '>': '">" would write a file. The output appears here anyway; shorten it with `| head -n 20`',
  '<': '"<" would read a file. Pass the arguments to the tool directly',
  '`': 'A backtick inside the command would run a second command. Send one command at a time',
  $: '"$" would insert a variable or run a second command. Write out the value',
  '(': 'Parentheses would run a second command. Send one command at a time',
  ')': 'Parentheses would run a second command. Send one command at a time',
  '\n': 'A line break would begin a second command. Send one command at a time',
  '#': '"#" would begin a comment',
}

function refuse(pieces: readonly Piece[], at: number): ParseError {
  const char = pieces[at]?.char ?? ''
  if (isLoop(pieces)) {
    const message = 'A loop would run several commands. Send one command at a time; `rerun ID` repeats one.'
    return parseError('shell-syntax', message)
  }
  const quotingHint = char === '\n' ? '' : ` In quotes it is literal: '${char}'.`
  return parseError('shell-syntax', `${reasons[char]}.${quotingHint}`, quoteAddress(pieces, at))
}

/**
 * Returns the command with its URL quoted where the refused character is in a URL, such as `&`: the only case in which
 * it is clear what was meant.
 */
function quoteAddress(pieces: readonly Piece[], at: number): string | undefined {
  const text = (from: number, to: number) =>
    pieces
      .slice(from, to)
      .map(({ char }) => char)
      .join('')
  const isSpace = (piece: Piece) => /\s/.test(piece.char)
  const start = pieces.slice(0, at).findLastIndex(isSpace) + 1
  const found = pieces.findIndex((piece, index) => index > at && isSpace(piece))
  const end = found === -1 ? pieces.length : found
  const word = text(start, end)
  if (!/^https?:\/\/[^'"`\\]+$/.test(word)) return undefined
  return `${text(0, start)}${shellQuote(word)}${text(end, pieces.length)}`
}
