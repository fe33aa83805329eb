import type { Readable } from 'node:stream'

/**
 * Maximum length of a line, in characters: a pod in a watch has 1.5 MB at most, and the runner's frames are far shorter. Something else that writes
 * into the runner's log may never end its line.
 */
const maxLineChars = 8_000_000

/**
 * Yields the lines of a stream without their "\n", in batches of those that arrived together. Leaves out an unfinished
 * last line, because it was cut, and breaks lines that are too long. (node:readline throws an aborted stream's error where it can't be caught.)
 */
export async function* lineBatches(body: Readable): AsyncGenerator<string[]> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const text of body as AsyncIterable<string>) {
    rest += text
    if (!text.includes('\n') && rest.length <= maxLineChars) continue
    const lines = rest.split('\n')
    const isTooLong = (lines.at(-1) ?? '').length > maxLineChars
    rest = isTooLong ? '' : (lines.pop() ?? '')
    yield lines
  }
}

/** Yields the same lines one by one. */
export async function* linesOf(body: Readable): AsyncGenerator<string> {
  for await (const lines of lineBatches(body)) yield* lines
}
