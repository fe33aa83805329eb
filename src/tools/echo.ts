import type { Tool } from '#core/request/tool'
import { toReading } from './kit/reading-and-needs.ts'

/** Returns a tool that prints its arguments: input for the tool after it. */
function speaker(name: string, examples: readonly string[]): Tool {
  return {
    name,
    about: 'Prints its arguments, as input for the tool after it.',
    examples,
    hints: [],
    read: (argv) => toReading(argv, { opens: [], discloses: false, speaks: textOf(argv) }),
  }
}

// Source: the manual of GNU coreutils 9.
export const echo = speaker('echo', ['echo ruok | nc 10.0.0.7 2181'])
export const printf = speaker('printf', ["printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc 10.0.0.7 80"])

/** Returns the text that is printed, with a NUL in front where further escapes or formats may make another text of it. */
function textOf([name, ...args]: readonly string[]): string {
  const first = name === 'echo' ? args.findIndex((arg) => !/^-[neE]+$/.test(arg)) : 0
  const end = first === -1 ? args.length : first
  const text = args.slice(end).join(' ')
  if (name === 'echo' && !args.slice(0, end).some((option) => option.includes('e'))) return text
  const decoded = text.replaceAll('\\r', '\r').replaceAll('\\n', '\n')
  const isClear = !decoded.includes('\\') && (name === 'echo' || (args.length < 2 && !decoded.includes('%')))
  return isClear ? decoded : `\0${decoded}`
}
