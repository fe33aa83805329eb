import { utf8Length } from '#core/util/utf8-length'
import { collapseMeters } from './collapse-meters.ts'
import { type OutputView, viewOf } from './output-view.ts'
import { createRedactor, type Redactor, redactionsIn } from './redact.ts'
import type { OpenSecret } from './redaction/blocks.ts'
import { sanitise } from './sanitise.ts'
import type { OutputChunk, TranscriptState } from './transcript-state.ts'

export const emptyTranscript: TranscriptState = {
  unfinished: { stdout: '', stderr: '' },
  inKey: false,
  lines: 0,
  bytes: 0,
  redacted: 0,
}

/** Output of one run as people may see it: sanitised, redacted, whole lines in the order of arrival. */
export type Transcript = {
  add: (chunk: Pick<OutputChunk, 'stream' | 'text'>) => void
  /** Returns the newest lines that fit into `chars` characters; a line longer than that is cut at its front. */
  view: (chars: number) => OutputView
  /** Returns, and removes from memory, the lines completed since the last call. */
  take: () => string
  /** Returns the number of characters that the next `take` would return. */
  waiting: () => number
  /** Ends the output: adds unfinished lines as they are. */
  finish: () => void
  state: () => TranscriptState
}

/** Characters of the newest lines that stay in memory: more than any message shows. */
const maxTailChars = 128 * 1_024

/** Characters after which an unfinished line is broken. */
const maxLineChars = 128 * 1_024
/** Further characters that must be present before a line is broken: a secret within this margin is never cut in two. */
const marginChars = 16 * 1_024

/**
 * Creates a transcript that merges standard output and error line by line, so that a partial line of one never appears
 * inside a line of the other. Memory doesn't grow with the output: completed lines are removed by `take`, only the
 * newest part stays. Continues from the state `from`, whose newest text is `shown`.
 */
export function createTranscript(
  redact: (open: OpenSecret) => Redactor = (open) => createRedactor([], open),
  from: TranscriptState = emptyTranscript,
  shown = '',
): Transcript {
  const redactor = redact(openIn(from))
  const unfinished = { ...from.unfinished }
  const newest = openTail(shown)
  let { lines, bytes, redacted } = from
  let finishedParts: string[] = []
  let waiting = 0

  const append = (text: string, count: number) => {
    lines += count
    redacted += redactionsIn(text)
    newest.add(text)
    finishedParts.push(text)
    waiting += text.length
  }
  /** Appends whole lines as the tool wrote them. */
  const appendLines = (raw: string) => {
    // Redacts after sanitising: an escape code inside a secret must not hide it from the patterns.
    const text = redactor.lines(sanitise(collapseMeters(raw)))
    append(text, countLines(text))
  }
  /** Appends the whole lines of a text and returns the rest. */
  const takeLines = (raw: string) => {
    const end = raw.lastIndexOf('\n') + 1
    if (end > 0) appendLines(raw.slice(0, end))
    return raw.slice(end)
  }
  /** Returns the unfinished lines, redacted as if each were the next line. */
  const getUnfinishedLines = () =>
    [unfinished.stdout, unfinished.stderr]
      .filter((part) => part !== '')
      .flatMap((part) => sanitise(collapseMeters(part)).split('\n').map(redactor.peek))

  return {
    add({ stream, text }) {
      bytes += utf8Length(text)
      const rest = unfinished[stream] + text
      if (rest.length >= maxLineChars + marginChars) {
        unfinished[stream] = takeLines(breakLines(rest, redactor, appendLines))
        return
      }
      // Looks for line ends in what is new only: a tool may write its line a byte at a time.
      const end = text.lastIndexOf('\n') + 1
      if (end > 0) appendLines(unfinished[stream] + text.slice(0, end))
      // A "\r" at the very end may be the first half of "\r\n"; it stays with the rest of its line.
      unfinished[stream] = end === 0 ? rest : text.slice(end)
    },
    view(maxChars) {
      const parts = getUnfinishedLines()
      const text = newest.text()
      const whole = text === '' ? [] : text.replace(/\n$/, '').split('\n')
      return viewOf([...whole, ...parts], { lines: lines + parts.length, bytes, redacted }, maxChars)
    },
    take() {
      const text = finishedParts.join('')
      finishedParts = []
      waiting = 0
      return text
    },
    waiting: () => waiting,
    finish() {
      const { stdout, stderr } = unfinished
      Object.assign(unfinished, emptyTranscript.unfinished)
      const parts = [stdout, stderr]
        .map((part) => sanitise(collapseMeters(part.replace(/\r$/, ''))))
        .filter((part) => part !== '')
      if (parts.length === 0) return
      const text = redactor.lines(`${parts.join('\n')}\n`)
      // The tool's last line had no "\n", so the transcript's has none either.
      append(text.slice(0, -1), countLines(text))
    },
    state: () => {
      const open = redactor.open()
      return { unfinished: { ...unfinished }, inKey: open.block?.is === 'key', open, lines, bytes, redacted }
    },
  }
}

/** Returns what was open in a transcript, which an earlier version may have stored. */
function openIn({ open, inKey }: TranscriptState): OpenSecret {
  return open ?? (inKey ? { block: { is: 'key', column: 0, misses: 0 } } : {})
}

/** Breaks lines that are too long, at positions that don't depend on chunk boundaries. Returns the remaining text. */
function breakLines(text: string, redactor: Redactor, appendLines: (lines: string) => void): string {
  let rest = text
  let from = 0
  while (rest.length - from >= maxLineChars + marginChars) {
    const end = rest.indexOf('\n', from)
    if (end !== -1 && end - from < maxLineChars + marginChars) {
      from = end + 1
      continue
    }
    if (from > 0) appendLines(rest.slice(0, from))
    const { at, again } = findBreak(rest.slice(from, from + maxLineChars + marginChars), redactor)
    appendLines(`${rest.slice(from, from + at)}\n`)
    rest = again + rest.slice(from + at)
    from = 0
  }
  return rest
}

/** Maximum number of positions that are tried. */
const maxAttempts = 8

/**
 * Returns a position (`at`) at which both parts render as they do together, so that no secret, escape code or character
 * is cut in two, and the text (`again`) to put before the second part.
 */
function findBreak(line: string, redactor: Redactor): { at: number; again: string } {
  const render = (part: string) => sanitise(part).split('\n').map(redactor.peek).join('\n')
  const whole = render(line)
  for (let at = maxLineChars, attempt = 0; attempt < maxAttempts; attempt += 1, at -= marginChars / maxAttempts) {
    const isInPair = (line.codePointAt(at - 1) ?? 0) > 0xffff
    if (!isInPair && render(line.slice(0, at)) + render(line.slice(at)) === whole) return { at, again: '' }
  }
  // The whole line ends inside a secret: the prefix makes its continuation be redacted too.
  return { at: line.length, again: whole.endsWith(']') ? 'password=' : '' }
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Holds the end of a growing text, at least `maxTailChars` characters of it. */
function openTail(begin: string) {
  const parts = [begin]
  let length = begin.length
  return {
    add(text: string) {
      parts.push(text)
      length += text.length
      while (length - (parts[0]?.length ?? 0) >= maxTailChars) length -= parts.shift()?.length ?? 0
    },
    text: () => parts.join(''),
  }
}
