import type { Tool } from '#core/request/tool'
import { changing, checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, tableNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: top(1) of procps-ng 4.
const options = [
  ...reading('-1 -b,--batch -c,--cmdline-toggle -d,--delay= -e,--scale-task-mem= -E,--scale-summary-mem= -h,--help'),
  ...reading('-H,--threads-show -i,--idle-toggle -n,--iterations= -O,--list-fields -o,--sort-override= -p,--pid='),
  ...reading('-s,--secure-mode -S,--accum-time-toggle -u,--filter-only-euser= -U,--filter-any-user= -V,--version'),
  ...reading('-w,--width[=]'),
  ...changing('-A,--apply-defaults'),
]

export const top: Tool = {
  name: 'top',
  about: 'What uses CPU and memory?',
  examples: ['top', 'top -o %MEM -n 1 | head -n 20'],
  hints: [notInImage],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options)
    const added = [...(isGiven(given, '-b') ? [] : ['-b']), ...(isGiven(given, '-n') ? [] : ['-n', '1'])]
    const isInformational = isGiven(given, '-h', '-V', '-O')
    return toReading(isInformational || added.length === 0 ? argv : bounded(argv, ...added), {
      needs: tableNeeds(checkArguments('top', given, true).effect, on),
      notes:
        isInformational || added.length === 0
          ? []
          : [`${added.join(' ')}: top is interactive and does not end by itself`],
    })
  },
}
