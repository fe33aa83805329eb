import { createTypedLines, type TypedLines } from '#core/recording/typed-lines'
import type { Run } from '#core/runs/run'
import type { TerminalContext } from './context.ts'

/** What finds the typed lines of one connection, from bytes. */
type TypedInput = Pick<TypedLines, 'settings'> & {
  /** Takes typed bytes; `from`: number of the first one. What a page sends again counts once. */
  add: (from: number, bytes: Uint8Array, at: number) => void
  printed: (bytes: Uint8Array, at: number) => string[]
}

/** Returns true where the set of a session says that typed lines are recorded. */
export function recordsLines({ rules }: Pick<TerminalContext, 'rules'>, { set }: Run): boolean {
  return rules().policy.sets.find(({ name }) => name === set)?.terminal?.recordInput === 'lines'
}

export function createTypedInput(): TypedInput {
  const lines = createTypedLines()
  const [inward, outward] = [new TextDecoder(), new TextDecoder()]
  let upTo = 0
  return {
    settings: lines.settings,
    add(from, bytes, at) {
      const fresh = bytes.subarray(Math.max(0, upTo - from))
      upTo = Math.max(upTo, from + bytes.length)
      if (fresh.length > 0) lines.typed(inward.decode(fresh, { stream: true }), at)
    },
    printed: (bytes, at) => lines.printed(outward.decode(bytes, { stream: true }), at),
  }
}
