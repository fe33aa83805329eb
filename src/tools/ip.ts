import type { Needs, Reading, Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { ipInsight } from './insight/ip-insight.ts'
import { type Arguments, checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading.ts'

const elsewhere = 'works in another network namespace than the one that was named'

// Source: ip(8) of iproute2 6.1. Its options are words before the object, each with one dash or two.
const options = [
  ...reading('-4 -6 -0 -B -M -c,--color[=] -d,--details -h,--human -r,--resolve -N,--Numeric --iec -j,--json'),
  ...reading('-p,--pretty -o,--oneline -s,--stats,--statistics -t,--timestamp --ts,--tshort -V,--Version --help'),
  ...reading('-f,--family= -l,--loops= --rc,--rcvbuf= --echo --br,--brief'),
  ...special(elsewhere, '-n,--netns='),
  ...specialChange('runs commands from a file', '--batch='),
  ...specialChange('goes on after mistakes of a batch', '--force -a,--all'),
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
/** What only shows, in the beginnings that ip itself can't take for a changing verb. */
const shows = /^(sh|sho|show|ls|lst|lis|list|get|help|dump)$/

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
    const given = readArguments(twoDashes(argv.slice(1)), options, { stopAtOperand: true, terminator: false })
    const [object = '', ...words] = given.operands
    const name = objects.find((each) => object !== '' && each.startsWith(object.toLowerCase()))
    if (name === 'netns') return namespaces(argv, words, given, on)
    return about(argv, name, words, given)
  },
}

/** ip's options have names after one dash, and any beginning of one; `-b` is the beginning of `-batch`. */
function twoDashes(words: readonly string[]): string[] {
  const object = words.findIndex((word) => !word.startsWith('-'))
  return words.map((word, at) => {
    if (object !== -1 && at >= object) return word
    return /^-b(=|$)/.test(word) ? word.replace('-b', '--batch') : word.replace(/^-(?=[A-Za-z]{2})/, '--')
  })
}

function about(
  argv: readonly string[],
  object: string | undefined,
  words: readonly string[],
  given: Arguments,
): Reading {
  const judged = checkArguments('ip', given)
  const [verb] = words
  const shown = verb === undefined || shows.test(verb)
  // xfrm and macsec show keys; what isn't an object of this version may be anything.
  const secret = object === 'xfrm' || object === 'macsec'
  const reads = object === undefined ? given.operands.length === 0 : shown || object === 'help' || object === 'monitor'
  const effect = reads && !secret ? judged.effect : 'write'
  const needs: Needs =
    effect === 'write' ? { ...plainNeeds('write'), capabilities: ['NET_ADMIN'], user: 'root' } : plainNeeds(effect)
  return toReading(argv, {
    needs,
    notes: object === 'monitor' ? ['ip monitor has no end of its own: the deadline ends it'] : [],
    special: [...judged.special, ...(secret ? [{ name: `ip ${object}`, why: 'it shows keys' }] : [])],
  })
}

/** `ip netns` shows what is mounted in the node's own /run/netns; entering one of them runs a program there. */
function namespaces(argv: readonly string[], words: readonly string[], given: Arguments, on: 'node' | 'pod'): Reading {
  const judged = checkArguments('ip', given)
  const [verb = 'list'] = words
  if ('exec'.startsWith(verb) && verb !== '') {
    return refuse(
      argv,
      '`ip netns exec` runs a program in another network namespace, and does not work from a debug pod.',
      'Name the pod that the namespace belongs to: `shell -n NS pod/NAME ip addr`.',
    )
  }
  const reads = shows.test(verb) || verb === 'list-id' || verb === 'identify' || verb === 'pids'
  const effect = reads ? judged.effect : 'write'
  if (on === 'pod') return toReading(argv, { needs: plainNeeds(effect), special: judged.special })
  return toReading(argv, { needs: { ...chrootNeeds, effect }, viaChroot: true, special: judged.special })
}
