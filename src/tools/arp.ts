import type { Tool } from '#core/request/tool'
import { changing, checkArguments, readArguments, reading, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { networkNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: arp(8) and the getopt string of net-tools 2.10.
const options = [
  ...reading('-a,--all -A,--protocol= -e -n,--numeric -N,--symbolic -H,--hw-type= -t= -i,--device= -v,--verbose'),
  ...reading('-V,--version -h,-?,--help -D,--use-device'),
  ...changing('-d,--delete -s,--set'),
  ...specialChange('reads entries from a file', '-f,--file'),
]

export const arp: Tool = {
  name: 'arp',
  about: 'Which MAC addresses are known, in the old format? `ip neigh` tells more.',
  examples: ['arp -an', 'arp -n'],
  hints: [notInImage],
  read: (argv) => {
    const { effect, special } = checkArguments('arp', readArguments(argv.slice(1), options))
    return toReading(argv, { needs: networkNeeds(effect), special })
  },
}
