import type { Tool } from '#core/request/tool'
import {
  type Arguments,
  checkArguments,
  granted,
  isGiven,
  readArguments,
  reading,
  specialChange,
  uniqueSpecial,
} from './kit/arguments.ts'
import { bpfNeeds, noBpf } from './kit/bpf.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'

const usesFiles = 'runs programs, or reads and writes files'

// Source: bpftrace(8) 0.17, and the getopt string in its src/main.cpp.
const options = [
  ...reading('-l -d -v -V,--version -h,--help --info -q -B= -p= -k -f= --btf --no-feature= --no-warnings'),
  ...reading('--usdt-file-activation -e='),
  ...granted('bpftrace --unsafe', specialChange(usesFiles, '--unsafe -c= -o,--output= -I= --include=')),
]

const programFile = { name: 'bpftrace --unsafe', why: `it ${usesFiles}` }

/** Patterns of probes. */
const probe = /^(?!\/)[\w*?:.[\],+-]*$|^u(ret)?probe:|^usdt:/

export const bpftrace: Tool = {
  name: 'bpftrace',
  about: 'Traces the kernel with a program of your own.',
  examples: ["bpftrace -l 'kprobe:tcp_*'"],
  hints: [noBpf, notInImage],
  // A program can change nearly anything that it traces; only listing is read-only.
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('bpftrace', given)
    const informs = isGiven(given, '--info', '-V', '-h') && given.operands.length === 0
    const listed = isGiven(given, '-l') && given.operands.length <= 1
    const lists = (informs || listed) && !isGiven(given, '-e')
    return toReading(argv, {
      needs: { ...bpfNeeds, effect: lists ? checked.effect : 'write' },
      notes: lists ? [] : ['bpftrace does not end by itself: the deadline stops it'],
      special: namesFile(given) ? uniqueSpecial([...checked.special, programFile]) : checked.special,
    })
  },
}

/** Returns true where an operand is no pattern of probes: a file, whose symbols are listed or whose program is run. */
function namesFile(given: Arguments): boolean {
  if (isGiven(given, '-l')) return given.operands.some((word) => !probe.test(word))
  return given.operands.length > 0 && !isGiven(given, '-e')
}
