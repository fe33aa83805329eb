import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { measureSs } from './insight/measure-tool-output.ts'
import { ssInsight } from './insight/sockets-insight.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { processNeeds, toReading, unnamedPrograms } from './kit/reading-and-needs.ts'

// Source: ss(8) of iproute2 6.1.
const ssOptions = [
  ...reading('-h,--help -V,--version -H,--no-header -O,--oneline -Q,--no-queues -n,--numeric -r,--resolve -a,--all'),
  ...reading('-l,--listening -B,--bound-inactive -o,--options -e,--extended -m,--memory -i,--info --tos --cgroup'),
  ...reading('--tipcinfo -s,--summary -E,--events -Z,--context -z,--contexts -b,--bpf -4,--ipv4 -6,--ipv6 -0,--packet'),
  ...reading('-t,--tcp -u,--udp -d,--dccp -w,--raw -x,--unix -S,--sctp --tipc --vsock --xdp -M,--mptcp --inet-sockopt'),
  ...reading('-f,--family= -A,--query,--socket= -p,--processes -T,--threads'),
  ...changing('-K,--kill'),
  ...specialChange('writes a file', '-D,--diag='),
  ...special('reads a filter from a file', '-F,--filter='),
  ...special('works in another network namespace', '-N,--net='),
]

export const ss: Tool = {
  name: 'ss',
  about: 'Which sockets are open, and to whom?',
  examples: ['ss -tlnp', 'ss -s', "ss -tn state established '( dport = :443 )'"],
  hints: [notInImage],
  insight: ssInsight,
  measure: measureSs,
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), ssOptions)
    const checked = checkArguments('ss', given)
    const named = on === 'node' && isGiven(given, '-p', '-T')
    const needs: Needs = named ? { ...processNeeds, effect: checked.effect } : { ...noNeeds, effect: checked.effect }
    const kills: Needs = { ...needs, capabilities: ['NET_ADMIN'], user: 'root' }
    return toReading(argv, {
      needs: isGiven(given, '-K') ? kills : needs,
      notes: [
        ...(isGiven(given, '-E') ? ['ss -E does not end by itself: the deadline stops it'] : []),
        ...(named ? [unnamedPrograms] : []),
      ],
      special: checked.special,
    })
  },
}
