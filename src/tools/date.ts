import type { Needs, Tool } from '#core/request/tool'
import { changing, checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { specialValues } from './kit/filters.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: date(1) of GNU coreutils 9.
const options = [
  ...reading(
    '-d,--date= --debug -I,--iso-8601[=] --resolution -R,--rfc-email --rfc-822 --rfc-3339= -u,--utc,--universal',
  ),
  ...reading('--help --version'),
  ...special('reads a file', '-f,--file='),
  ...special('looks at a file', '-r,--reference='),
  ...changing('-s,--set='),
]

export const date: Tool = {
  name: 'date',
  about: "What time is it for the node's kernel?",
  examples: ['date', 'date -u +%FT%TZ'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('date', given)
    // A word that is no format sets the clock.
    const sets = checked.effect === 'write' || given.operands.some((word) => !word.startsWith('+'))
    const changes: Needs = { ...plainNeeds('write'), capabilities: ['SYS_TIME'], user: 'root' }
    return toReading(argv, {
      needs: sets ? changes : plainNeeds('read'),
      special: checked.special,
      opens: specialValues(given),
    })
  },
}
