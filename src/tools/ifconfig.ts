import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { networkNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: ifconfig(8) of net-tools 2.10.
const options = reading('-a -s -v -V,--version -h,-?,--help')

export const ifconfig: Tool = {
  name: 'ifconfig',
  about: 'Which addresses do interfaces have, in the old format? `ip addr` tells more.',
  examples: ['ifconfig', 'ifconfig -a'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const { effect } = checkArguments('ifconfig', given, true)
    // A word after the interface is a setting.
    return toReading(argv, { needs: networkNeeds(given.operands.length > 1 ? 'write' : effect), opens: [] })
  },
}
