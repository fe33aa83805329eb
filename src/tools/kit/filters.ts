import type { Reading, Tool } from '#core/request/tool'
import { type Arguments, checkArguments, type Dialect, type Option, readArguments, reading } from './arguments.ts'
import { brokenLink, notInImage } from './hints.ts'
import { fileReading, toReading } from './reading.ts'

/** A tool that reads standard input, or files where its operands name some. */
export type FilterSpec = {
  name: string
  about: string
  examples: readonly string[]
  options: readonly Option[]
  dialect?: Dialect
  /** The operands that are files. */
  files: (given: Arguments) => readonly string[]
  /** The operand, by its name in policies, that is written to. */
  output?: (given: Arguments) => string | undefined
  notes?: (given: Arguments, files: readonly string[]) => readonly string[]
}

/** Reads a filter's words: without files it touches its standard input alone and needs no grant. */
function readFilter(argv: readonly string[], spec: FilterSpec): Reading {
  const given = readArguments(argv.slice(1), spec.options, { sureOfValues: true, ...spec.dialect })
  const judged = withOutput(checkArguments(spec.name, given), spec, given)
  const files = spec.files(given).filter((file) => file !== '-')
  const filter = files.length === 0 && judged.effect === 'read' && judged.special.length === 0
  if (filter) return toReading(argv, { filter })
  return { ...fileReading(argv, files, judged), notes: spec.notes?.(given, files) ?? [] }
}

function withOutput(
  judged: ReturnType<typeof checkArguments>,
  spec: FilterSpec,
  given: Arguments,
): ReturnType<typeof checkArguments> {
  const output = spec.output?.(given)
  if (output === undefined) return judged
  const name = `${spec.name} ${output}`
  return { effect: 'write', special: [...judged.special, { name, why: 'it writes a file' }] }
}

/** A filter as a tool of the catalogue. */
export function toFilter(spec: FilterSpec): Tool {
  const { name, about, examples } = spec
  return { name, about, examples, hints: [brokenLink, notInImage], read: (argv) => readFilter(argv, spec) }
}

/** Options of every GNU program. */
export const gnu = reading('--help --version')
