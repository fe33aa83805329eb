import { utf8Length } from '#core/util/utf8'
import { redactionsIn } from './redact.ts'
import type { Counts, StoredOutput } from './stored-output.ts'

/** True where a view leaves nothing out. */
export function isWhole({ linesBefore, tail }: OutputView): boolean {
  return linesBefore === 0 && !tail.startsWith('…')
}

/** Of a finished output that doesn't fit, this part of the room is for its beginning. */
const headShare = 0.4

/** The view of a finished text: all of it, or its beginning and its end. */
export function viewText(text: string, chars: number): OutputView {
  const lines = splitLines(text)
  const counts = { lines: lines.length, bytes: utf8Length(text), redacted: redactionsIn(text) }
  return createView(lines, lines, counts, chars)
}

/** The same for what was stored, of which no more than beginning and end may have been read. */
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

/** The newest lines that fit; those that come without their first part are never all that fit. */
export function viewOf(newest: readonly string[], { lines, bytes, redacted }: Counts, maxChars: number): OutputView {
  const tail: string[] = []
  let remainingChars = maxChars
  for (let at = newest.length - 1; at >= 0; at -= 1) {
    const line = newest[at] ?? ''
    if (line.length + 1 > remainingChars) {
      // The end of the very last line must be seen, however long it is.
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

/** The last `length` UTF-16 units of a text, without half a surrogate pair in front. */
function cutFront(text: string, length: number): string {
  const cut = length === 0 ? '' : text.slice(-length)
  const first = cut.charCodeAt(0)
  return first >= 0xdc00 && first <= 0xdfff ? cut.slice(1) : cut
}

/**
 * Output as it stands now, escape codes and control bytes already made visible and harmless.
 * Markup and mentions are the adapter's to escape: it knows its platform.
 */
export type OutputView = {
  /** The first lines, where a finished output doesn't fit: what a tool begins with is often its answer. */
  head?: string
  /** The last lines, at most `limits.outputChars` characters; a live tail while running. */
  tail: string
  /** Whole lines of output before the tail's first one, those of the head among them. */
  linesBefore: number
  lines: number
  bytes: number
  redacted: number
}

/** What a run that never started has written. */
export const noOutput: OutputView = { tail: '', linesBefore: 0, lines: 0, bytes: 0, redacted: 0 }
