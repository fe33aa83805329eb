import type { Readable } from 'node:stream'

/**
 * The lines of a stream without their "\n", those that came together at once; an unfinished last one is left out, since it was cut.
 * (node:readline throws an aborted stream's error where nobody can catch it.)
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

/** The same, one by one. */
export async function* linesOf(body: Readable): AsyncGenerator<string> {
  for await (const lines of lineBatches(body)) yield* lines
}
