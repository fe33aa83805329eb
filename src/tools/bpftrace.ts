import type { Tool } from '#core/request/tool'
import { bpfNeeds, noBpf } from './kit/bpf.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/make-reading.ts'

export const bpftrace: Tool = {
  name: 'bpftrace',
  about: 'Traces the kernel with a program of your own.',
  examples: ["bpftrace -l 'kprobe:tcp_*'"],
  hints: [noBpf, notInImage],
  // Source: bpftrace(8) 0.17. A program can change nearly anything that it traces; only listing is read-only.
  read: (argv) => {
    const [, first = '', ...rest] = argv
    const lists =
      ['-l', '--info', '-V', '--version', '-h', '--help'].includes(first) &&
      rest.length <= 1 &&
      !rest.some((arg) => arg.startsWith('-'))
    const risky = argv.some((arg) => arg === '--unsafe' || arg === '-c' || arg === '-o' || /\.bt$/.test(arg))
    return toReading(argv, {
      needs: { ...bpfNeeds, effect: lists ? 'read' : 'write' },
      notes: lists ? [] : ['bpftrace does not end by itself: the deadline stops it'],
      special: risky ? [{ name: 'bpftrace --unsafe', why: 'it runs programs, or reads and writes files' }] : [],
    })
  },
}
