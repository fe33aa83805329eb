import type { Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/make-reading.ts'

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
    const numbers = given.operands.filter((operand) => /^\d+$/.test(operand))
    // An interval without a count never ends.
    const isEndless = numbers.length === 1 && !isGiven(given, '-V')
    return toReading(isEndless ? [...argv, '5'] : argv, {
      needs: plainNeeds(checked.effect),
      special: checked.special,
      opens: [],
      notes: isEndless ? ['5 times: iostat with an interval does not end by itself'] : [],
    })
  },
}
