import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { tableNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: pidof(1) of procps-ng 4 and pidof(8) of sysvinit 3.
const options = reading(
  '-s,--single-shot -c,--check-root -q -n -x -z -w,--with-workers -d= -S,--separator= -o,--omit-pid= -h,--help -V,--version',
)

export const pidof: Tool = {
  name: 'pidof',
  about: 'Which process IDs has a program?',
  examples: ['pidof kubelet'],
  hints: [notInImage],
  read: (argv, on) => {
    const { effect } = checkArguments('pidof', readArguments(argv.slice(1), options), true)
    return toReading(argv, { needs: tableNeeds(effect, on) })
  },
}
