import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: mpstat(1) of sysstat 12.
const options = reading('-A -H -n -T -u -V --dec= -I= -N= -o= -P=')

export const mpstat: Tool = {
  name: 'mpstat',
  about: 'What do the processors spend their time on?',
  examples: ['mpstat -P ALL 1 2'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('mpstat', given)
    const [, count] = given.operands
    // An interval without a count never ends.
    const endless = given.operands.length === 1 && count === undefined
    return toReading(endless ? [...bounded(argv), '5'] : argv, {
      needs: plainNeeds(checked.effect),
      special: checked.special,
      opens: [],
      notes: endless ? ['5 times: mpstat does not end by itself'] : [],
    })
  },
}
