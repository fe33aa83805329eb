import type { Reading, Tool } from '#core/request/tool'
import { defined } from '#core/util/defined'
import { type Arguments, checkArguments, type Dialect, type Option, readArguments, reading } from './arguments.ts'
import { brokenLink, notInImage } from './hints.ts'
import { readOwnFiles } from './read-files-of-target.ts'
import { plainNeeds, toReading } from './reading-and-needs.ts'

/** Specification of a filter: a tool that reads standard input, or files where its operands name any. */
export type FilterSpec = {
  name: string
  about: string
  examples: readonly string[]
  options: readonly Option[]
  dialect?: Dialect
  /** True for a tool without options that write or run a program, in any version. */
  harmless?: true
  /** Returns the operands that are files; undefined for a tool that opens none. */
  files?: (given: Arguments) => readonly string[]
  /** Returns the name in policies of the operand that is written to; undefined where there is none. */
  output?: (given: Arguments) => string | undefined
  /** Returns true where the arguments may change something although all options are known. */
  changes?: (given: Arguments) => boolean
  /** Returns whether the tool also reads what is below its folders, and whether it follows symbolic links there. */
  walks?: (given: Arguments) => Reading['walks']
  notes?: (given: Arguments, files: readonly string[]) => readonly string[]
}

/** Parses a filter's argv. A filter without files reads only its standard input and needs no grant. */
function readFilter(argv: readonly string[], spec: FilterSpec, on: 'node' | 'pod'): Reading {
  const given = readArguments(argv.slice(1), spec.options, { sureOfValues: true, ...spec.dialect })
  const checked = addOutput(checkArguments(spec.name, given, spec.harmless), spec, given)
  if (spec.changes?.(given)) return toReading(argv, { needs: plainNeeds('write'), special: checked.special })
  const files = (spec.files?.(given) ?? []).filter((file) => file !== '-')
  const filter = files.length === 0 && checked.effect === 'read' && checked.special.length === 0
  if (filter) return toReading(argv, { filter, opens: [], discloses: false })
  const walks = spec.walks?.(given)
  const reading = toReading(argv, {
    needs: plainNeeds(checked.effect),
    special: checked.special,
    opens: [...files, ...specialValues(given)],
    notes: spec.notes?.(given, files) ?? [],
    ...defined({ walks }),
  })
  return readOwnFiles(reading, files, on)
}

/** Returns the values of options that need a grant: they name files. */
export const specialValues = (given: Arguments): string[] =>
  given.options.filter(({ option }) => option.verdict.special !== undefined).flatMap(({ values }) => values)

function addOutput(
  checked: ReturnType<typeof checkArguments>,
  spec: FilterSpec,
  given: Arguments,
): ReturnType<typeof checkArguments> {
  const output = spec.output?.(given)
  if (output === undefined) return checked
  const name = `${spec.name} ${output}`
  return { ...checked, effect: 'write', special: [...checked.special, { name, why: 'it writes a file' }] }
}

/** Converts a filter's specification to a tool of the catalogue. */
export function toFilter(spec: FilterSpec): Tool {
  const { name, about, examples } = spec
  const read: Tool['read'] = (argv, on) => readFilter(argv, spec, on)
  const files = spec.files === undefined ? {} : ({ printsFiles: true } as const)
  return { name, about, examples, hints: [brokenLink, notInImage], ...files, read }
}

/** Options that every GNU program has. */
export const gnu = reading('--help --version')
