import { noNeeds, type Tool } from '#core/request/tool'
import { measurePing } from './insight/measure-tool-output.ts'
import { pingInsight } from './insight/ping-insight.ts'
import { checkArguments, findDetours, isGiven, readArguments, reading, special, valuesOf } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, toReading } from './kit/reading-and-needs.ts'

// Source: ping(8) of iputils 20250605, and its getopt string.
const options = [
  ...reading('-3 -4 -6 -a -B -c= -C -d -D -e= -F= -h -H -i= -I= -j -L -m= -M= -n -O -p= -q -Q= -r -R -s= -S= -t= -T='),
  ...reading('-U -v -V -w= -W= -?'),
  ...special('sends as fast as the answers come', '-f -A'),
  ...special('sends several packets without waiting', '-l='),
  ...special('pings a whole network at once', '-b'),
]

/** Interval between packets, in seconds, below which an unprivileged ping counts as flooding. Source: ping(8). */
const shortestInterval = 0.2

export const ping: Tool = {
  name: 'ping',
  about: 'Is a host reachable, and how fast does it answer?',
  examples: ['ping 10.224.0.4', 'ping -c 3 -W 1 example.org', 'ping -M do -s 1472 10.224.0.4'],
  hints: [
    {
      pattern: '^ping6?: (?:socktype: .*|socket: Operation not permitted)$|missing cap_net_raw',
      hint: 'This form of ping needs a raw socket: add `-c NET_RAW`. A plain `ping HOST` needs no capability.',
    },
    {
      pattern: '^ping6?: send(?:msg|to): Operation not permitted',
      hint: 'A rule or a policy of this host itself refuses these packets: look at `nft list ruleset`, `iptables-save` and the network policies.',
    },
    {
      pattern: 'Name or service not known|Temporary failure in name resolution',
      hint: 'The name was not resolved; ask the name server itself with `dig NAME`.',
    },
    {
      pattern: '100% packet loss',
      unless: 'icmp_seq=\\d+ (?!Redirect)[A-Z]|sendmsg: |sendto: |essage too long',
      hint: 'No answer at all: many networks drop ICMP, so try a port as well, as in `nc -zv HOST 443`.',
    },
    notInImage,
  ],
  reaches: (argv) => readArguments(argv.slice(1), options).operands,
  hostNotation: 'international',
  insight: pingInsight,
  measure: measurePing,
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('ping', given, true)
    const flooding = valuesOf(given, '-i').some(
      (seconds) => !/^\d+(\.\d*)?$|^\.\d+$/.test(seconds) || Number(seconds) < shortestInterval,
    )
    const isBounded = isGiven(given, '-c', '-h', '-V') || valuesOf(given, '-w').some((seconds) => Number(seconds) > 0)
    return toReading(isBounded ? argv : bounded(argv, '-c', '5'), {
      needs: { ...noNeeds, effect: checked.effect },
      notes: isBounded ? [] : ['-c 5: ping does not end by itself'],
      special: flooding
        ? [...checked.special, { name: 'ping -i', why: `it sends more often than every ${shortestInterval} s` }]
        : checked.special,
      discloses: false,
      detours: findDetours('ping', given),
    })
  },
}
