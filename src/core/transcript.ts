import type { OutputView } from './notice.ts'
import type { OutputChunk } from './ports.ts'
import { openRedactor, type Redactor, redactionsIn } from './redact.ts'
import { sanitise } from './sanitise.ts'

/** The output of one run as people may see it: harmless text, whole lines in the order they came. */
export type Transcript = {
  add: (chunk: OutputChunk) => void
  /** The newest lines that fit into `chars` characters; a line longer than that is cut at its front. */
  view: (chars: number) => OutputView
  /** Everything, ending with a newline unless the tool's last line had none. */
  text: () => string
}

/**
 * Standard output and error are put together line by line, so that half a line of one never stands inside a line of
 * the other. Memory grows with the output, whose size the run's own limit bounds.
 */
export function openTranscript(redactor: Redactor = openRedactor()): Transcript {
  const lines: string[] = []
  const unfinished = { stdout: '', stderr: '' }
  let bytes = 0
  let redacted = 0

  const push = (line: string) => {
    // After escape codes are gone: nothing hides in a secret's middle.
    for (const raw of sanitise(line).split('\n')) {
      const each = redactor.line(raw)
      redacted += redactionsIn(each)
      lines.push(each)
    }
  }

  // An unfinished line is shown as far as it has come, judged as the next one.
  const open = () =>
    [unfinished.stdout, unfinished.stderr].filter((part) => part !== '').map((part) => redactor.peek(sanitise(part)))

  return {
    add(chunk) {
      bytes += utf8Length(chunk.text)
      const parts = (unfinished[chunk.stream] + chunk.text).split('\n')
      // A "\r" at the very end may be the first half of "\r\n"; it waits with the rest of its line.
      unfinished[chunk.stream] = parts.pop() ?? ''
      for (const line of parts) push(line.endsWith('\r') ? line.slice(0, -1) : line)
    },
    view: (limit) => ({
      ...viewOf([...lines.slice(-limit), ...open()], lines.length + open().length, limit, bytes),
      redacted,
    }),
    text: () => [...lines.map((line) => `${line}\n`), ...open()].join(''),
  }
}

/** True where a view leaves nothing out. */
export function isWhole({ linesBefore, tail }: OutputView): boolean {
  return linesBefore === 0 && !tail.startsWith('…')
}

/** Of a finished output that doesn't fit, this part of the room is for its beginning. */
const headShare = 0.4

/** The view of a finished text: all of it, or its beginning and its end. */
export function viewText(text: string, chars: number): OutputView {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n')
  const redacted = redactionsIn(text)
  const bytes = utf8Length(text)
  const whole = viewOf(lines.slice(-chars), lines.length, chars, bytes)
  if (whole.linesBefore === 0) return { ...whole, redacted }
  const head = firstLines(lines, Math.floor(chars * headShare))
  if (head.length === 0) return { ...whole, redacted }
  const room = chars - head.reduce((sum, line) => sum + line.length + 1, 0)
  return { ...viewOf(lines.slice(-room), lines.length, room, bytes), redacted, head: head.join('\n') }
}

function firstLines(lines: readonly string[], chars: number): string[] {
  let room = chars
  const end = lines.findIndex((line) => {
    room -= line.length + 1
    return room < 0
  })
  return lines.slice(0, end === -1 ? lines.length : end)
}

function viewOf(newest: readonly string[], count: number, limit: number, bytes: number): OutputView {
  const tail: string[] = []
  let room = limit
  for (const line of newest.toReversed()) {
    if (line.length + 1 > room) {
      // The end of the very last line must be seen, however long it is.
      if (tail.length === 0) tail.unshift(`…${cutFront(line, Math.max(0, room - 1))}`)
      break
    }
    tail.unshift(line)
    room -= line.length + 1
  }
  return { tail: tail.join('\n'), linesBefore: count - tail.length, lines: count, bytes, redacted: 0 }
}

/** The last `length` UTF-16 units of a text, without half a surrogate pair in front. */
function cutFront(text: string, length: number): string {
  const cut = length === 0 ? '' : text.slice(-length)
  const first = cut.charCodeAt(0)
  return first >= 0xdc00 && first <= 0xdfff ? cut.slice(1) : cut
}

function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
