import type { Needs, Reading, Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { ipInsight } from './insight/ip-insight.ts'
import { type Arguments, checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/make-reading.ts'

const elsewhere = 'works in a network namespace other than the named one'

// Source: ip(8) of iproute2 6.1. Its options precede the object and have one dash or two.
const options = [
  ...reading('-4 -6 -0 -B -M -c,--color[=] -d,--details -h,--human -r,--resolve -N,--Numeric --iec -j,--json'),
  ...reading('-p,--pretty -o,--oneline -s,--stats,--statistics -t,--timestamp --ts,--tshort -V,--Version --help'),
  ...reading('-f,--family= -l,--loops= --rc,--rcvbuf= --echo --br,--brief'),
  ...special(elsewhere, '-n,--netns='),
  ...specialChange('runs commands from a file', '--batch='),
  ...specialChange('continues after errors in a batch', '--force -a,--all'),
]

const objects = [
  ...[
    'address',
    'addrlabel',
    'link',
    'maddress',
    'mroute',
    'mrule',
    'neighbour',
    'neighbor',
    'nexthop',
    'netns',
    'ntable',
  ],
  ...[
    'ntbl',
    'route',
    'rule',
    'stats',
    'tcp_metrics',
    'tcpmetrics',
    'token',
    'tunnel',
    'tuntap',
    'tuntap',
    'vrf',
    'mptcp',
  ],
  ...['l2tp', 'fou', 'ila', 'macsec', 'netconf', 'sr', 'xfrm', 'ioam', 'monitor', 'help'],
]
/** Read-only verbs, with the prefixes that ip doesn't interpret as a changing verb. */
const readingVerbs = /^(sh|sho|show|ls|lst|lis|list|get|help|dump)$/

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
  read: (argv, on) => {
    const given = readArguments(toTwoDashes(argv.slice(1)), options, { stopAtOperand: true, terminator: false })
    const [object = '', ...args] = given.operands
    const name = objects.find((each) => object !== '' && each.startsWith(object.toLowerCase()))
    if (name === 'netns') return classifyNamespaces(argv, args, given, on)
    return classifyObject(argv, name, args, given)
  },
}

/**
 * Converts ip's long options from one dash to two. ip accepts any prefix of a name; `-b` is a prefix of `-batch`.
 */
function toTwoDashes(args: readonly string[]): string[] {
  const object = args.findIndex((arg) => !arg.startsWith('-'))
  return args.map((arg, at) => {
    if (object !== -1 && at >= object) return arg
    return /^-b(=|$)/.test(arg) ? arg.replace('-b', '--batch') : arg.replace(/^-(?=[A-Za-z]{2})/, '--')
  })
}

function classifyObject(
  argv: readonly string[],
  object: string | undefined,
  args: readonly string[],
  given: Arguments,
): Reading {
  const checked = checkArguments('ip', given)
  const [verb] = args
  const isReadingVerb = verb === undefined || readingVerbs.test(verb)
  // xfrm and macsec show keys. An object that isn't in the list counts as `write`, because its effect is unknown.
  const showsKeys = object === 'xfrm' || object === 'macsec'
  const reads =
    object === undefined ? given.operands.length === 0 : isReadingVerb || object === 'help' || object === 'monitor'
  const effect = reads && !showsKeys ? checked.effect : 'write'
  const needs: Needs =
    effect === 'write' ? { ...plainNeeds('write'), capabilities: ['NET_ADMIN'], user: 'root' } : plainNeeds(effect)
  return toReading(argv, {
    needs,
    notes: object === 'monitor' ? ['ip monitor does not end by itself: the deadline stops it'] : [],
    special: [...checked.special, ...(showsKeys ? [{ name: `ip ${object}`, why: 'it shows keys' }] : [])],
  })
}

/** Classifies `ip netns`: it shows the mounts in the node's /run/netns; `exec` runs a program in one of them. */
function classifyNamespaces(
  argv: readonly string[],
  args: readonly string[],
  given: Arguments,
  on: 'node' | 'pod',
): Reading {
  const checked = checkArguments('ip', given)
  const [verb = 'list'] = args
  if ('exec'.startsWith(verb) && verb !== '') {
    return refuse(
      argv,
      '`ip netns exec` runs a program in another network namespace, and does not work from a debug pod.',
      'Name the pod that the namespace belongs to: `shell -n NS pod/NAME ip addr`.',
    )
  }
  const reads = readingVerbs.test(verb) || verb === 'list-id' || verb === 'identify' || verb === 'pids'
  const effect = reads ? checked.effect : 'write'
  if (on === 'pod') return toReading(argv, { needs: plainNeeds(effect), special: checked.special })
  return toReading(argv, { needs: { ...chrootNeeds, effect }, viaChroot: true, special: checked.special })
}
