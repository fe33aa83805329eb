import { createInterface } from 'node:readline/promises'

/** Asks a person at a terminal. */
export type Ask = {
  /** Asks until `read` accepts the answer; an empty answer is the default, where there is one. */
  question: <T>(text: string, read: (answer: string) => T | { mistake: string }, otherwise?: string) => Promise<T>
  close: () => void
}

type Mistake = { mistake: string }

/** Opens questions on a terminal. */
export function askOn(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Ask {
  const terminal = createInterface({ input, output })
  const ended = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => reject(new InputEnded()))
  })
  ended.catch(() => undefined)
  return {
    async question<T>(text: string, read: (answer: string) => T | Mistake, otherwise?: string): Promise<T> {
      for (;;) {
        const hint = otherwise === undefined || otherwise === '' ? '' : ` [${otherwise}]`
        const answer = (await Promise.race([terminal.question(`${text}${hint}: `), ended])).trim()
        const result = read(answer === '' ? (otherwise ?? '') : answer)
        if (!isMistake(result)) return result
        output.write(`  ${result.mistake}\n`)
      }
    },
    close: () => terminal.close(),
  }
}

/** The input ended before all questions were answered. */
export class InputEnded extends Error {}

function isMistake(result: unknown): result is Mistake {
  return typeof result === 'object' && result !== null && 'mistake' in result
}
