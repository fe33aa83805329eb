import { changing, reading } from './kit/arguments.ts'
import { toFilter } from './kit/filters.ts'

/** Which lines a program prints: those that match, or whose field or number compares so. */
const condition = /^(?:\/[^/\n\\]*\/|(?:NR|NF|\$\w+) ?[=!<>]=? ?(?:\d+|"[^"\\]*")|\$\w+ ?!?~ ?\/[^/\n\\]*\/)?$/
const field = /^(?:\$\w+|\$\(NF-\d\)|NR|NF)$/

/** Returns true for a program that only prints fields and texts: it runs nothing, and writes nothing but its output. */
function onlyPrints(program: string): boolean {
  const [all, when = '', action] = /^([^{}]*)(?:\{([^{}]*)\})?$/.exec(program.trim()) ?? []
  if (all === undefined || !condition.test(when.trim())) return false
  if (action === undefined) return true
  const [command, ...printed] = action
    .trim()
    .replaceAll(/"[^"\\]*"/g, ' NF ')
    .split(/[\s,]+/)
  return command === 'print' && printed.filter((word) => word !== '').every((word) => field.test(word))
}

// Source: awk(1) of mawk 1.3.4. Its programs may run programs and write files: those that only print fields are known.
export const awk = toFilter({
  name: 'awk',
  about: 'Prints columns.',
  examples: ["ss -tan | awk '{print $5}' | sort | uniq -c"],
  options: [...reading('-F='), ...changing('-v= -f=')],
  dialect: { stopAtOperand: true },
  files: (given) => given.operands.slice(1),
  changes: ({ operands: [program = ''] }) => !onlyPrints(program),
})
