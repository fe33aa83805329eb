import type { Tool } from '#core/request/tool'
import { bpfNeeds, noBpf } from './kit/bpf.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading.ts'

const bpfObjects = ['prog', 'map', 'link', 'cgroup', 'perf', 'net', 'feature', 'btf', 'struct_ops', 'iter', 'gen']
const bpfShows = ['show', 'list', 'dump', 'probe', 'help', 'tree', 'lookup', 'getnext', 'peek']

export const bpftool: Tool = {
  name: 'bpftool',
  about: 'Which eBPF programs and maps does the kernel hold?',
  examples: ['bpftool prog show', 'bpftool net show', 'bpftool feature probe'],
  hints: [noBpf, notInImage],
  // Source: bpftool(8) 7.1.
  read: (argv) => {
    const plain = [
      '-j',
      '--json',
      '-p',
      '--pretty',
      '-V',
      '--version',
      '-h',
      '--help',
      '-n',
      '--nomount',
      '-f',
      '--bpffs',
      '-d',
      '--debug',
    ]
    const words = argv.slice(1)
    const options = words.filter((word) => word.startsWith('-'))
    const [object, verb = 'show'] = words.filter((word) => !word.startsWith('-'))
    const known = options.every((word) => plain.includes(word))
    const reads =
      known &&
      (object === undefined || (bpfObjects.includes(object) && bpfShows.includes(verb)) || object === 'version')
    // `prog dump … file F` writes one; a batch runs commands.
    const file = words.includes('file') || words.some((word) => /^(-B|--batch-file|batch|pinned)$/.test(word))
    return toReading(argv, {
      needs: { ...bpfNeeds, effect: reads && !file ? 'read' : 'write' },
      special: file ? [{ name: 'bpftool file', why: 'it reads or writes a file' }] : [],
    })
  },
}
