import type { Reading, Tool } from '#core/tool'
import {
  type Arguments,
  type Dialect,
  judge,
  type Option,
  readArguments,
  reading,
  special,
  specialChange,
} from './arguments.ts'
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
  const judged = withOutput(judge(spec.name, given), spec, given)
  const files = spec.files(given).filter((file) => file !== '-')
  const filter = files.length === 0 && judged.effect === 'read' && judged.special.length === 0
  if (filter) return toReading(argv, { filter })
  return { ...fileReading(argv, files, judged), notes: spec.notes?.(given, files) ?? [] }
}

function withOutput(judged: ReturnType<typeof judge>, spec: FilterSpec, given: Arguments): ReturnType<typeof judge> {
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

const readsFile = 'reads a file'
const gnu = reading('--help --version')
const operands = (given: Arguments) => given.operands

// Source: the manual of GNU coreutils 9.
const specs: readonly FilterSpec[] = [
  {
    name: 'head',
    about: 'The first lines only.',
    examples: ['iptables -nvL | head -n 2', 'head -n 20 /host/etc/resolv.conf'],
    options: [...gnu, ...reading('-n,--lines= -c,--bytes= -q,--quiet,--silent -v,--verbose -z,--zero-terminated')],
    dialect: { numbers: true },
    files: operands,
  },
  {
    name: 'tail',
    about: 'The last lines only.',
    examples: ['dig example.org | tail -n 5', 'tail -n 50 /host/var/log/syslog'],
    options: [
      ...gnu,
      ...reading('-n,--lines= -c,--bytes= -q,--quiet,--silent -v,--verbose -z,--zero-terminated -f,--follow[=] -F'),
      ...reading('--retry -s,--sleep-interval= --max-unchanged-stats='),
      ...special('watches a process', '--pid='),
    ],
    dialect: { numbers: true },
    files: operands,
    notes: (given, files) =>
      files.length > 0 && given.options.some(({ option }) => option.names.includes('-f') || option.names.includes('-F'))
        ? ['tail -f has no end of its own: the deadline ends it']
        : [],
  },
  {
    name: 'sort',
    about: 'Lines in order.',
    examples: ['iptables -S | sort'],
    options: [
      ...gnu,
      ...reading('-b,--ignore-leading-blanks -d,--dictionary-order -f,--ignore-case -g,--general-numeric-sort --debug'),
      ...reading('-i,--ignore-nonprinting -M,--month-sort -h,--human-numeric-sort -n,--numeric-sort -R,--random-sort'),
      ...reading(
        '-r,--reverse --sort= -V,--version-sort --batch-size= -c -C --check[=] -k,--key= -m,--merge -s,--stable',
      ),
      ...reading('-S,--buffer-size= -t,--field-separator= --parallel= -u,--unique -z,--zero-terminated'),
      ...specialChange('writes a file', '-o,--output= -T,--temporary-directory='),
      ...specialChange('runs a program', '--compress-program='),
      ...special(readsFile, '--files0-from= --random-source='),
    ],
    files: operands,
  },
  {
    name: 'uniq',
    about: 'Repeated lines once.',
    examples: ['iptables -S | sort | uniq -c'],
    options: [
      ...gnu,
      ...reading('-c,--count -d,--repeated -D --all-repeated[=] -f,--skip-fields= --group[=] -i,--ignore-case'),
      ...reading('-s,--skip-chars= -u,--unique -z,--zero-terminated -w,--check-chars='),
    ],
    dialect: { numbers: true },
    files: operands,
    output: (given) => (given.operands.length > 1 ? 'OUTPUT' : undefined),
  },
  {
    name: 'wc',
    about: 'How many lines, words, bytes.',
    examples: ['iptables -S | wc -l'],
    options: [
      ...gnu,
      ...reading('-c,--bytes -m,--chars -l,--lines -L,--max-line-length -w,--words --total='),
      ...special(readsFile, '--files0-from='),
    ],
    files: operands,
  },
  {
    name: 'cut',
    about: 'Some columns of each line.',
    examples: ["dig example.org +short | cut -d . -f '1-2'"],
    options: [
      ...gnu,
      ...reading('-b,--bytes= -c,--characters= -d,--delimiter= -f,--fields= -n --complement -s,--only-delimited'),
      ...reading('--output-delimiter= -z,--zero-terminated'),
    ],
    files: operands,
  },
  {
    name: 'tr',
    about: 'Characters for characters.',
    examples: ['dig example.org +short | tr a-z A-Z'],
    options: [...gnu, ...reading('-c,--complement -C -d,--delete -s,--squeeze-repeats -t,--truncate-set1')],
    files: () => [],
  },
]

export const filters: readonly Tool[] = specs.map(toFilter)
