import type { Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { countedInterval, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: iostat(1) and iostat.c of sysstat 12.6. Words between options and numbers are names of devices.
const options = reading(
  '-c -d -h -k -m -N -s -t -V -x -y -z -f= -H -g= -j= -o= -p --dec= --compact --human --pretty --debuginfo',
)

export const iostat: Tool = {
  name: 'iostat',
  about: 'How busy are the disks?',
  examples: ['iostat -xz', 'iostat -xz 1 2'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('iostat', given)
    const counted = countedInterval('iostat', argv, isGiven(given, '-V') ? [] : given.operands)
    return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special, opens: [], ...counted })
  },
}
