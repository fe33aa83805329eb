import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: uptime(1) of procps-ng 4.
const options = reading('-p,--pretty -s,--since -h,--help -V,--version -c,--container -r,--raw')

export const uptime: Tool = {
  name: 'uptime',
  about: 'Since when is the node up, and how loaded is it?',
  examples: ['uptime', 'uptime -p'],
  hints: [notInImage],
  read: (argv) => {
    const { effect } = checkArguments('uptime', readArguments(argv.slice(1), options), true)
    return toReading(argv, { needs: plainNeeds(effect), opens: [] })
  },
}
