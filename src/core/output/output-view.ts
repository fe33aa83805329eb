import { utf8Length } from '#core/util/utf8-length'
import { redactionsIn } from './redact.ts'
import type { Counts, StoredOutput } from './transcript-state.ts'

/** Returns true for a view that shows the whole output. */
export function isWhole({ linesBefore, tail }: OutputView): boolean {
  return linesBefore === 0 && !tail.startsWith('…')
}

/** Share of the available characters that the beginning gets, where a finished output doesn't fit. */
const headShare = 0.4

/** Returns the view of a finished output in at most `chars` characters: all of it, or its beginning and end. */
export function viewText(text: string, chars: number): OutputView {
  const lines = splitLines(text)
  const counts = { lines: lines.length, bytes: utf8Length(text), redacted: redactionsIn(text) }
  return createView(lines, lines, counts, chars)
}

/** Returns the view of a stored output, of which only the beginning and the end may have been read. */
export function viewStored(stored: StoredOutput, chars: number): OutputView {
  if (stored.whole) return viewText(stored.tail, chars)
  return createView(splitLines(stored.head), splitLines(stored.tail), stored, chars)
}

function createView(first: readonly string[], last: readonly string[], counts: Counts, chars: number): OutputView {
  const tailView = viewOf(last, counts, chars)
  if (tailView.linesBefore === 0) return tailView
  const head = takeFirstLines(first, Math.floor(chars * headShare))
  if (head.length === 0) return tailView
  const remainingChars = chars - head.reduce((sum, line) => sum + line.length + 1, 0)
  return { ...viewOf(last, counts, remainingChars), head: head.join('\n') }
}

/** Returns a view of the newest lines that fit into `maxChars`; the last line is cut at its front if it is too long. */
export function viewOf(newest: readonly string[], { lines, bytes, redacted }: Counts, maxChars: number): OutputView {
  const tail: string[] = []
  let remainingChars = maxChars
  for (let at = newest.length - 1; at >= 0; at -= 1) {
    const line = newest[at] ?? ''
    if (line.length + 1 > remainingChars) {
      // The end of the last line is always shown, however long the line is.
      if (tail.length === 0) tail.push(`…${cutFront(line, Math.max(0, remainingChars - 1))}`)
      break
    }
    tail.push(line)
    remainingChars -= line.length + 1
  }
  return { tail: tail.toReversed().join('\n'), linesBefore: lines - tail.length, lines, bytes, redacted }
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function takeFirstLines(lines: readonly string[], chars: number): string[] {
  let remainingChars = chars
  const end = lines.findIndex((line) => {
    remainingChars -= line.length + 1
    return remainingChars < 0
  })
  return lines.slice(0, end === -1 ? lines.length : end)
}

/** Returns the last `length` UTF-16 units of a text, without half a surrogate pair at the front. */
function cutFront(text: string, length: number): string {
  const cut = length === 0 ? '' : text.slice(-length)
  const first = cut.charCodeAt(0)
  return first >= 0xdc00 && first <= 0xdfff ? cut.slice(1) : cut
}

/**
 * View of a run's current output; escape codes and control bytes are already made visible and harmless.
 * The adapter escapes markup and mentions: it knows its platform.
 */
export type OutputView = {
  /** First lines of a finished output that doesn't fit: tools often print the result first. */
  head?: string
  /** Last lines, at most `limits.outputChars` characters; a live tail while the tool runs. */
  tail: string
  /** Number of whole lines before the tail, including those of the head. */
  linesBefore: number
  lines: number
  bytes: number
  /** Number of secrets that were hidden in the output. */
  redacted: number
}

/** View of the empty output of a run that never started. */
export const noOutput: OutputView = { tail: '', linesBefore: 0, lines: 0, bytes: 0, redacted: 0 }
