import type { Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: free(1) of procps-ng 4.
const options = [
  ...reading('-b,--bytes -k,--kibi -m,--mebi -g,--gibi --kilo --mega --giga --tera --peta --tebi --pebi -h,--human'),
  ...reading(
    '-l,--lohi -L,--line -t,--total -s,--seconds= -c,--count= -w,--wide -v,--committed --si --help -V,--version',
  ),
]

export const free: Tool = {
  name: 'free',
  about: 'How much memory does the node have left?',
  examples: ['free -m', 'free -h'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('free', given, true)
    const repeats = isGiven(given, '-s') && !isGiven(given, '-c')
    return toReading(argv, {
      needs: plainNeeds(checked.effect),
      notes: repeats ? ['free -s does not end by itself: the deadline stops it'] : [],
      opens: [],
    })
  },
}
