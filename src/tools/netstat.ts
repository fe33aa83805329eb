import { noNeeds, type Tool } from '#core/request/tool'
import { netstatInsight } from './insight/sockets-insight.ts'
import { checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { processNeeds, toReading, unnamedPrograms } from './kit/reading-and-needs.ts'

// Source: netstat(8) of net-tools 2.10.
const netstatOptions = [
  ...reading('-r,--route -i,--interfaces[=] -g,--groups -s,--statistics -M,--masquerade -v,--verbose -W,--wide -n'),
  ...reading('--numeric --numeric-hosts --numeric-ports --numeric-users -N,--symbolic -e,--extend -p,--programs -o'),
  ...reading('--timers -c,--continuous -l,--listening -a,--all -F,--fib -C,--cache -Z,--context -t,--tcp -u,--udp'),
  ...reading('-U,--udplite -S,--sctp -w,--raw -x,--unix -4,--inet -6,--inet6 -A= --ip --l2cap --rfcomm --program'),
  ...reading('-V,--version -h,--help'),
]

export const netstat: Tool = {
  name: 'netstat',
  about: 'Sockets, routes and counters, in the old format.',
  examples: ['netstat -tlnp', 'netstat -rn', 'netstat -s'],
  hints: [notInImage],
  insight: netstatInsight,
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), netstatOptions)
    const checked = checkArguments('netstat', given, true)
    const named = on === 'node' && isGiven(given, '-p', '--program')
    return toReading(argv, {
      needs: named ? { ...processNeeds, effect: checked.effect } : { ...noNeeds, effect: checked.effect },
      notes: [
        ...(isGiven(given, '-c') ? ['netstat -c does not end by itself: the deadline stops it'] : []),
        ...(named ? [unnamedPrograms] : []),
      ],
      special: checked.special,
    })
  },
}
