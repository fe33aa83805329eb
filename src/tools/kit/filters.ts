import type { Reading, Tool } from '#core/request/tool'
import { type Arguments, checkArguments, type Dialect, type Option, readArguments, reading } from './arguments.ts'
import { brokenLink, notInImage } from './hints.ts'
import { fileReading, toReading } from './make-reading.ts'

/** Specification of a filter: a tool that reads standard input, or files where its operands name any. */
export type FilterSpec = {
  name: string
  about: string
  examples: readonly string[]
  options: readonly Option[]
  dialect?: Dialect
  /** Returns the operands that are files. */
  files: (given: Arguments) => readonly string[]
  /** Returns the name in policies of the operand that is written to; undefined where there is none. */
  output?: (given: Arguments) => string | undefined
  notes?: (given: Arguments, files: readonly string[]) => readonly string[]
}

/** Parses a filter's argv. A filter without files reads only its standard input and needs no grant. */
function readFilter(argv: readonly string[], spec: FilterSpec): Reading {
  const given = readArguments(argv.slice(1), spec.options, { sureOfValues: true, ...spec.dialect })
  const checked = addOutput(checkArguments(spec.name, given), spec, given)
  const files = spec.files(given).filter((file) => file !== '-')
  const filter = files.length === 0 && checked.effect === 'read' && checked.special.length === 0
  if (filter) return toReading(argv, { filter })
  return { ...fileReading(argv, files, checked), notes: spec.notes?.(given, files) ?? [] }
}

function addOutput(
  checked: ReturnType<typeof checkArguments>,
  spec: FilterSpec,
  given: Arguments,
): ReturnType<typeof checkArguments> {
  const output = spec.output?.(given)
  if (output === undefined) return checked
  const name = `${spec.name} ${output}`
  return { effect: 'write', special: [...checked.special, { name, why: 'it writes a file' }] }
}

/** Converts a filter's specification to a tool of the catalogue. */
export function toFilter(spec: FilterSpec): Tool {
  const { name, about, examples } = spec
  return { name, about, examples, hints: [brokenLink, notInImage], read: (argv) => readFilter(argv, spec) }
}

/** Options that every GNU program has. */
export const gnu = reading('--help --version')
