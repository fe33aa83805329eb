import { type Needs, noNeeds, type Tool } from '#core/tool'
import { notInImage } from './hints.ts'
import { refuse, toReading } from './reading.ts'

const bpfNeeds: Needs = {
  ...noNeeds,
  // Reading programs and maps by their ids is SYS_ADMIN's; loading and tracing are BPF's and PERFMON's. Source: capabilities(7).
  capabilities: ['BPF', 'NET_ADMIN', 'PERFMON', 'SYS_ADMIN'],
  host: { filesystem: 'none', pid: false },
  user: 'root',
}

const noBpf = {
  pattern: "can't get next (program|map|link)|Operation not permitted|not supported|No BTF found|vmlinux",
  hint: 'It needs the capabilities BPF, PERFMON and SYS_ADMIN, and a kernel with BTF (/sys/kernel/btf/vmlinux).',
}

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

export const bpftrace: Tool = {
  name: 'bpftrace',
  about: 'Traces the kernel by a program of your own.',
  examples: ["bpftrace -l 'kprobe:tcp_*'"],
  hints: [noBpf, notInImage],
  // Source: bpftrace(8) 0.17. A program may do nearly anything to what it traces; only listing reads.
  read: (argv) => {
    const [, first = '', ...rest] = argv
    const lists =
      ['-l', '--info', '-V', '--version', '-h', '--help'].includes(first) &&
      rest.length <= 1 &&
      !rest.some((word) => word.startsWith('-'))
    const risky = argv.some((word) => word === '--unsafe' || word === '-c' || word === '-o' || /\.bt$/.test(word))
    return toReading(argv, {
      needs: { ...bpfNeeds, effect: lists ? 'read' : 'write' },
      notes: lists ? [] : ['bpftrace has no end of its own: the deadline ends it'],
      special: risky ? [{ name: 'bpftrace --unsafe', why: 'it runs programs, or reads and writes files' }] : [],
    })
  },
}

/** Known so that it can be refused with a way out. */
export const nsenter: Tool = {
  name: 'nsenter',
  about: 'Not run here: name the target itself.',
  examples: [],
  hints: [],
  read: (argv) =>
    refuse(
      argv,
      'nsenter enters namespaces of other processes, which takes all rights on the node.',
      "For a pod's network name the pod: `shell -n NS pod/NAME …`. For the node's programs: `chroot /host TOOL …`.",
    ),
}
