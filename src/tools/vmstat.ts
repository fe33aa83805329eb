import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: vmstat(8) of procps-ng 4.
const options = [
  ...reading('-a,--active -f,--forks -m,--slabs -n,--one-header -s,--stats -d,--disk -D,--disk-sum -p,--partition='),
  ...reading('-S,--unit= -t,--timestamp -w,--wide -y,--no-first -h,--help -V,--version'),
]

export const vmstat: Tool = {
  name: 'vmstat',
  about: "What do the node's processors, memory and disks do?",
  examples: ['vmstat', 'vmstat -w 1 3'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const { effect } = checkArguments('vmstat', given, true)
    const isEndless = given.operands.length === 1
    return toReading(isEndless ? [...argv, '5'] : argv, {
      needs: plainNeeds(effect),
      notes: isEndless ? ['5: vmstat with an interval does not end by itself'] : [],
      opens: [],
    })
  },
}
