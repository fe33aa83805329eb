import type { Tool } from '#core/request/tool'
import { bpfNeeds, noBpf } from './kit/bpf.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/make-reading.ts'

const objects = ['prog', 'map', 'link', 'cgroup', 'perf', 'net', 'feature', 'btf', 'struct_ops', 'iter', 'gen']
const readingVerbs = ['show', 'list', 'dump', 'probe', 'help', 'tree', 'lookup', 'getnext', 'peek']

export const bpftool: Tool = {
  name: 'bpftool',
  about: 'Which eBPF programs and maps are in the kernel?',
  examples: ['bpftool prog show', 'bpftool net show', 'bpftool feature probe'],
  hints: [noBpf, notInImage],
  // Source: bpftool(8) 7.1.
  read: (argv) => {
    const plainOptions = [
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
    const args = argv.slice(1)
    const options = args.filter((arg) => arg.startsWith('-'))
    const [object, verb = 'show'] = args.filter((arg) => !arg.startsWith('-'))
    const known = options.every((arg) => plainOptions.includes(arg))
    const reads =
      known &&
      (object === undefined || (objects.includes(object) && readingVerbs.includes(verb)) || object === 'version')
    // `prog dump … file F` writes a file; a batch runs commands.
    const file = args.includes('file') || args.some((arg) => /^(-B|--batch-file|batch|pinned)$/.test(arg))
    return toReading(argv, {
      needs: { ...bpfNeeds, effect: reads && !file ? 'read' : 'write' },
      special: file ? [{ name: 'bpftool file', why: 'it reads or writes a file' }] : [],
    })
  },
}
