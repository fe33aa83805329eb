import type { Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { networkNeeds, toReading } from './kit/reading-and-needs.ts'
import { commands, group, mergeChecked, readCommands } from './kit/subcommands.ts'

// Source: tc(8) and tc/tc.c of iproute2 6.1, in its order: tc accepts any prefix, and takes the first option that fits.
const options = [
  ...reading('-stats,-statistics -details -raw -pretty -graph -Version -iec -help'),
  ...specialChange('continues after errors in a batch', '-force'),
  ...specialChange('runs commands from a file', '-batch='),
  ...special('works in a network namespace other than the named one', '-netns='),
  ...reading('-Numeric -names,-nm'),
  ...special('reads a file', '-cf,-conf='),
  ...reading('-color[=] -timestamp -tshort -json -oneline -brief'),
]

// Source: do_qdisc, do_class, do_filter, do_chain and do_action of iproute2 6.1.
const objects = [
  group('qdisc', commands('add! change! replace! link! delete! list,show,lst,ls help')),
  group('class', commands('add! change! replace! delete! get list,show,lst,ls help')),
  group('filter', commands('add! change! replace! delete! get list,show,lst,ls help')),
  group('chain', commands('add! delete! get list,show,lst,ls help')),
  group('actions', commands('add! change! replace! delete! get list,show,lst,ls flush! help')),
  ...commands('monitor* exec*', 'runs a program, or reads a file'),
  ...commands('help'),
]

export const tc: Tool = {
  name: 'tc',
  about: 'Which queues, filters and BPF programs shape the traffic?',
  examples: ['tc -s qdisc show', 'tc filter show dev eth0 ingress'],
  hints: [
    { pattern: 'Cannot find device', hint: 'There is no such interface here; `ip -br link` lists them.' },
    notInImage,
  ],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { stopAtOperand: true, oneDash: 'first-prefix' })
    // Where a prefix fits several commands, the most dangerous one counts.
    const read = readCommands('tc', given.operands, objects, 'any-prefix')
    const { effect, special: named } = mergeChecked(checkArguments('tc', given), read)
    return toReading(argv, { needs: networkNeeds(effect), special: named })
  },
}
