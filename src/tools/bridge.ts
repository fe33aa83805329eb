import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { networkNeeds, toReading } from './kit/reading-and-needs.ts'
import { commands, group, mergeChecked, readCommands } from './kit/subcommands.ts'

// Source: bridge(8) and bridge/bridge.c of iproute2 6.1, in its order: bridge takes the first option that fits.
const options = [
  ...reading('-help -Version -stats,-statistics -details -oneline -timestamp -tshort -family= -4 -6'),
  ...special('works in a network namespace other than the named one', '-netns='),
  ...reading('-color[=] -compressvlans'),
  ...specialChange('continues after errors in a batch', '-force'),
  ...reading('-json -pretty'),
  ...specialChange('runs commands from a file', '-batch='),
]

const objects = [
  group('link', commands('set,change! show,lst,list help')),
  group('fdb', commands('add! append! delete! replace! get show,lst,list flush! help')),
  group('mdb', commands('add! replace! delete! flush! get show,lst,list help')),
  group('vlan', [
    ...commands('add! delete! set! show,lst,list tunnelshow help'),
    group('global', commands('set! show,lst,list help')),
  ]),
  group('vni', commands('add! delete! show,lst,list help')),
  ...commands('monitor*', 'may read a file'),
  ...commands('help'),
]

export const bridge: Tool = {
  name: 'bridge',
  about: 'Which ports, VLANs and MAC addresses does a bridge know?',
  examples: ['bridge link', 'bridge fdb show', 'bridge vlan show'],
  hints: [notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { stopAtOperand: true, oneDash: 'first-prefix' })
    const read = readCommands('bridge', given.operands, objects, 'any-prefix')
    const { effect, special: named } = mergeChecked(checkArguments('bridge', given), read)
    return toReading(argv, { needs: networkNeeds(effect), special: named })
  },
}
