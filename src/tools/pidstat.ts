import type { Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { tableNeeds, toReading } from './kit/make-reading.ts'

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
    const numbers = given.operands.filter((operand) => /^\d+$/.test(operand))
    // An interval without a count never ends.
    const isEndless = numbers.length === 1 && !isGiven(given, '-V')
    return toReading(isEndless ? [...argv, '5'] : argv, {
      needs: tableNeeds(checked.effect, on),
      special: checked.special,
      opens: [],
      notes: isEndless ? ['5 times: pidstat with an interval does not end by itself'] : [],
    })
  },
}
