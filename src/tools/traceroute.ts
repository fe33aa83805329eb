import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { tracerouteInsight } from './insight/hops-insight.ts'
import { checkArguments, detour, findDetours, isGiven, readArguments, reading, valuesOf } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, noRaw, rawNeeds, toReading, withoutNumbers } from './kit/reading-and-needs.ts'

// Source: traceroute(8) 2.1.
const tracerouteOptions = [
  ...reading('-4 -6 -d,--debug -F,--dont-fragment -f,--first= -I,--icmp -T,--tcp -i,--interface='),
  ...reading('-m,--max-hops= -N,--sim-queries= -n -p,--port= -t,--tos= -l,--flowlabel= -w,--wait= -q,--queries='),
  ...reading('-r -s,--source= -z,--sendwait= -e,--extensions -A,--as-path-lookups -M,--module= -O,--options='),
  ...detour('sends packets by way of other hosts', '-g,--gateway='),
  ...reading('--sport= --fwmark= -U,--udp -D,--dccp -P,--protocol= --mtu --back -V,--version --help'),
]

export const traceroute: Tool = {
  name: 'traceroute',
  about: 'Which path do packets take?',
  examples: ['traceroute -n 10.224.0.4', 'traceroute -n -T -p 443 example.org'],
  hints: [noRaw, notInImage],
  reaches: (argv) => {
    const given = readArguments(argv.slice(1), tracerouteOptions)
    return [...withoutNumbers(given.operands), ...valuesOf(given, '-g').flatMap((gateways) => gateways.split(','))]
  },
  hostNotation: 'international',
  insight: tracerouteInsight,
  read: (argv) => {
    const given = readArguments(argv.slice(1), tracerouteOptions)
    const checked = checkArguments('traceroute', given, true)
    const raw = isGiven(given, '-T', '-D', '-P', '-I', '-M')
    const isBounded = isGiven(given, '-w', '-m', '--help', '-V')
    const marks: Needs['capabilities'] = isGiven(given, '--fwmark') ? ['NET_ADMIN'] : []
    const needs = raw || marks.length > 0 ? { ...rawNeeds, capabilities: [...marks, 'NET_RAW' as const] } : noNeeds
    return toReading(isBounded ? argv : bounded(argv, '-w', '2'), {
      needs: { ...needs, effect: checked.effect },
      notes: isBounded ? [] : ['-w 2: traceroute would wait longer for hops that never answer'],
      special: checked.special,
      discloses: false,
      detours: findDetours('traceroute', given),
    })
  },
}
