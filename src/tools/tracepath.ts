import { noNeeds, type Tool } from '#core/request/tool'
import { checkArguments, findDetours, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'

// Source: tracepath(8) of iputils 20221126, and its getopt string.
const options = reading('-4 -6 -b -h,-? -l= -m= -n -p= -V')

export const tracepath: Tool = {
  name: 'tracepath',
  about: 'Which path do packets take, and how large may they be on it?',
  examples: ['tracepath -n 10.224.0.4', 'tracepath -n -m 5 10.224.0.4'],
  hints: [
    {
      pattern: 'Name or service not known|Temporary failure in name resolution',
      hint: 'The name was not resolved; ask the name server itself with `dig NAME`.',
    },
    notInImage,
  ],
  // The old form HOST/PORT still names a port.
  reaches: (argv) => readArguments(argv.slice(1), options).operands.flatMap((operand) => operand.split('/', 1)),
  hostNotation: 'international',
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('tracepath', given, true)
    return toReading(argv, {
      needs: { ...noNeeds, effect: checked.effect },
      special: checked.special,
      opens: [],
      discloses: false,
      detours: findDetours('tracepath', given),
    })
  },
}
