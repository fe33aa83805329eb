import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { networkNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: route(8) and the getopt string of net-tools 2.10.
const options = [
  ...reading('-A,--family= -e,--extend -C,--cache -F,--fib -n,--numeric -N,--symbolic -v,--verbose -V,--version'),
  ...reading('-h,-?,--help -4,--inet -6,--inet6'),
]

export const route: Tool = {
  name: 'route',
  about: 'Which routes are there, in the old format? `ip route` tells more.',
  examples: ['route -n'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const { effect } = checkArguments('route', given, true)
    // Every word that is no option adds or deletes.
    return toReading(argv, { needs: networkNeeds(given.operands.length > 0 ? 'write' : effect), opens: [] })
  },
}
