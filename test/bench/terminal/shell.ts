import { delay } from '#core/util/delay'
import { waitFor } from '#test/flow/wait-for'

/** A shell that is typed into: the bot's, or a peer's. */
export type Shell = {
  type: (text: string) => void
  /**
   * Resolves with the time (`performance.now()`) at which a text came that stands behind those of earlier calls. Throws after `seconds`, with the
   * newest output.
   */
  shows: (text: string, seconds?: number) => Promise<number>
  close: () => void
}

/** End of the prompt of a user who isn't root: that of the shell image, in the peers' containers too. */
export const prompt = '$ '

/** Characters of output in which a text is searched: more than come in one piece. */
const heldCharacters = 256 * 1_024

/** Creates what finds texts in output that comes in pieces, one search at a time. */
export function createOutput(): { add: (piece: string) => void; shows: Shell['shows'] } {
  let held = ''
  let search: { text: string; found: (at: number) => void } | undefined
  const look = () => {
    if (search === undefined) return
    const { text, found } = search
    const at = held.indexOf(text)
    if (at < 0) return
    held = held.slice(at + text.length)
    search = undefined
    found(performance.now())
  }
  return {
    add(piece) {
      held = (held + piece).slice(-heldCharacters)
      look()
    },
    shows(text, seconds = 30) {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      const fail = () => reject(new Error(`not shown after ${seconds} s: ${text}, but:\n${held.slice(-2_000)}`))
      const timer = setTimeout(fail, seconds * 1_000)
      search = {
        text,
        found(at) {
          clearTimeout(timer)
          resolve(at)
        },
      }
      look()
      return promise
    },
  }
}

/** Keys that are typed one after the other: no shell's own output has them. */
const keys = 'qjxzvw'

/** Types keys into a program that prints nothing but their echoes; resolves with the milliseconds until each came. The line is ended then. */
export async function timeKeys(shell: Shell, count: number): Promise<number[]> {
  const took: number[] = []
  for (let at = 0; at < count; at += 1) {
    took.push(await timeKey(shell, at))
    // Not in step with anything that comes every so many milliseconds.
    await delay(15 + ((at * 7) % 16))
  }
  shell.type('\r')
  await shell.shows('\n')
  await shell.shows('\n')
  return took
}

/** Types one key; resolves with the milliseconds until its echo came. */
export async function timeKey(shell: Shell, at: number): Promise<number> {
  const key = keys.charAt(at % keys.length)
  const begun = performance.now()
  shell.type(key)
  return (await shell.shows(key)) - begun
}

/** Waits until nothing has changed for a second; resolves with the value. */
export async function settled(what: string, value: () => number): Promise<number> {
  let [last, since] = [value(), performance.now()]
  return waitFor(what, () => {
    if (value() !== last) [last, since] = [value(), performance.now()]
    return performance.now() - since > 1_000 ? last : undefined
  })
}
