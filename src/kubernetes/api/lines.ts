import type { Readable } from 'node:stream'

/**
 * Yields the lines of a stream without their "\n", in batches of those that arrived together. Leaves out an unfinished
 * last line, because it was cut. (node:readline throws an aborted stream's error where it can't be caught.)
 */
export async function* lineBatches(body: Readable): AsyncGenerator<string[]> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const text of body as AsyncIterable<string>) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
}

/** Yields the same lines one by one. */
export async function* linesOf(body: Readable): AsyncGenerator<string> {
  for await (const lines of lineBatches(body)) yield* lines
}
