import type { Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { countedInterval, tableNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: pidstat(1) and pidstat.c of sysstat 12.6. What follows -e is a program and its arguments.
const options = [
  ...reading('-d -H -h -I -l -r -R -s -t -u -U -v -V -w -C= -G= -p= -T= --dec= --human'),
  ...specialChange('runs a program', '-e='),
]

export const pidstat: Tool = {
  name: 'pidstat',
  about: 'Which processes use processors, memory and disks?',
  examples: ['pidstat 1 2', 'pidstat -d 1 2'],
  hints: [notInImage],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('pidstat', given)
    const counted = countedInterval('pidstat', argv, isGiven(given, '-V') ? [] : given.operands)
    return toReading(argv, { needs: tableNeeds(checked.effect, on), special: checked.special, opens: [], ...counted })
  },
}
