import type { Reading, Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { ipInsight } from './insight/ip-insight.ts'
import { measureIp } from './insight/measure-ip.ts'
import {
  type Checked,
  checkArguments,
  granted,
  readArguments,
  reading,
  special,
  specialChange,
} from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { networkNeeds, plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'
import { type Command, commands, group, mergeChecked, readCommands, withKeywords } from './kit/subcommands.ts'

const elsewhere = 'works in a network namespace other than the named one'

// Source: ip(8) and ip/ip.c of iproute2 6.1, in its order: ip accepts any prefix, and takes the first option that fits.
const options = [
  ...reading('-loops= -family= -4 -6 -0 -M -B -human,-human-readable -iec -stats,-statistics -details -resolve'),
  ...reading('-oneline -timestamp -tshort -Version'),
  ...specialChange('continues after errors in a batch', '--force'),
  ...specialChange('runs commands from a file', '--batch='),
  ...reading('-brief -json -pretty -rcvbuf= -color[=] -help'),
  ...special(elsewhere, '-n,-netns='),
  ...reading('-Numeric'),
  ...specialChange('runs a program in every network namespace', '-all'),
  ...reading('-echo'),
]

const showsKeys = 'shows keys'
const runsProgram = 'runs a program of your choice as root'

// Source: the functions do_… of ip/*.c in iproute2 6.1 to 7.1, in their order.
const objects: readonly Command[] = [
  group('address', commands('add! change,chg! replace! delete! list,show,lst flush! save! showdump! restore! help')),
  group('addrlabel', commands('list,lst,show add! delete! flush! help')),
  group('maddress', commands('add! delete! list,show,lst help')),
  group(
    'route',
    commands('add! change,chg! replace! prepend! append! test! delete! list,show,lst get flush! save! restore!').concat(
      commands('showdump! help'),
    ),
  ),
  group('rule', commands('list,lst,show save! restore! add! delete! flush! help')),
  group('neighbour,neighbor', commands('add! change,chg! replace! delete! get show,lst,list flush! help')),
  group('ntable,ntbl', commands('change,chg! show,lst,list help')),
  group('link', commands('add! set,change! replace! delete! show,lst,list xstats afstats property! help')),
  group('l2tp', commands('help add! delete! show,lst,list')),
  group('fou', commands('help add! delete! show')),
  group('ila', commands('help add! delete! show,lst,list')),
  ...commands('macsec*', showsKeys),
  group('tunnel,tunl', commands('add! change! delete! show,lst,list prl! 6rd! help')),
  group('tuntap,tap', commands('add! delete! show,lst,list help')),
  group('token', commands('list,lst,show set! add! delete! get help')),
  group('tcp_metrics,tcpmetrics', commands('list,show,lst get delete! flush! help')),
  ...withKeywords(
    commands('monitor'),
    commands(
      'file*= label link address maddress acaddress route mroute prefix neigh netconf rule',
      'reads a file',
    ).concat(commands('nsid nexthop stats all all-nsid help dev=')),
    /^$/,
  ),
  group('xfrm', [
    ...granted('ip xfrm', commands('state*', showsKeys)),
    group(
      'policy',
      commands(
        'add! update! delete! deleteall,delall! list,show,lst get flush! count set! setdefault! getdefault help',
      ),
    ),
    ...granted('ip xfrm', commands('monitor*', showsKeys)),
    ...commands('help'),
  ]),
  group('mroute', commands('list,show,lst help')),
  group('mrule', commands('list,lst,show save! restore! add! delete! flush! help')),
  group(
    'netns',
    commands('list,show,lst list-id help add! set! delete! identify pids exec* monitor attach!', runsProgram),
  ),
  group('netconf', commands('show,lst,list help')),
  group('vrf', commands('identify pids exec* show,lst,list help', runsProgram)),
  group('sr', [...commands('help hmac*', showsKeys), group('tunsrc', commands('show set!'))]),
  group('nexthop', [
    ...commands('add! replace! delete! list,show,lst get flush!'),
    group('bucket', commands('list,show,lst get help')),
    ...commands('help'),
  ]),
  group('mptcp', [
    ...commands('help'),
    group('endpoint', commands('add! change! delete! show flush!')),
    group('limits', commands('set! show')),
    ...commands('monitor'),
  ]),
  group('ioam', [
    ...commands('help'),
    group('namespace', commands('show add! del! set!')),
    group('schema', commands('show add! del!')),
    ...commands('monitor'),
  ]),
  ...commands('help'),
  group('stats', commands('help show set!')),
]

export const ip: Tool = {
  name: 'ip',
  about: 'Which addresses, routes, links and neighbours are there?',
  examples: ['ip -br addr', 'ip route get 10.224.0.4', 'ip -s link show eth0', 'ip netns list'],
  hints: [
    {
      pattern: 'RTNETLINK answers: Operation not permitted',
      hint: 'Changing the network needs `-c NET_ADMIN` and a set that grants it with `effect: write`.',
    },
    {
      pattern: 'Cannot open network namespace|setting the network namespace',
      hint: 'Entering another network namespace needs more than `chroot`; name the pod itself as the target instead.',
    },
    noChroot,
    notInImage,
  ],
  insight: ipInsight,
  measure: measureIp,
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options, { stopAtOperand: true, oneDash: 'first-prefix' })
    const read = readCommands('ip', given.operands, objects, 'first-prefix')
    const checked = mergeChecked(checkArguments('ip', given), read)
    return read.path[0] === 'netns'
      ? classifyNamespaces(argv, read.path[1], checked, on)
      : classifyObject(argv, read.path[0], checked)
  },
}

function classifyObject(argv: readonly string[], object: string | undefined, checked: Checked): Reading {
  const { effect, special } = checked
  return toReading(argv, {
    // The kernel shows IPsec's policies to network administrators only.
    needs: object === 'xfrm' ? { ...networkNeeds('write'), effect } : networkNeeds(effect),
    notes: object === 'monitor' ? ['ip monitor does not end by itself: the deadline stops it'] : [],
    special,
  })
}

/** Classifies `ip netns`: it shows the mounts in the node's /run/netns; `exec` runs a program in one of them. */
function classifyNamespaces(
  argv: readonly string[],
  verb: string | undefined,
  { effect, special }: Checked,
  on: 'node' | 'pod',
): Reading {
  if (verb === 'exec') {
    return refuse(
      argv,
      '`ip netns exec` runs a program in another network namespace, and does not work from a debug pod.',
      'Name the pod that the namespace belongs to: `shell -n NS pod/NAME ip addr`.',
    )
  }
  if (on === 'pod') return toReading(argv, { needs: plainNeeds(effect), special })
  return toReading(argv, { needs: { ...chrootNeeds, effect }, viaChroot: true, special })
}
