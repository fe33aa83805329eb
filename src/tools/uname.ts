import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: uname(1) of GNU coreutils 9.
const options = [
  ...reading('-a,--all -s,--kernel-name -n,--nodename -r,--kernel-release -v,--kernel-version -m,--machine'),
  ...reading('-p,--processor -i,--hardware-platform -o,--operating-system --help --version'),
]

export const uname: Tool = {
  name: 'uname',
  about: 'Which kernel does the node run?',
  examples: ['uname -r', 'uname -a'],
  hints: [notInImage],
  read: (argv) => {
    const { effect } = checkArguments('uname', readArguments(argv.slice(1), options), true)
    return toReading(argv, { needs: plainNeeds(effect), opens: [] })
  },
}
