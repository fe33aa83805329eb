import { type Needs, noNeeds, type Tool } from '#core/tool'
import { changing, isGiven, judge, readArguments, reading, special, specialChange } from './arguments.ts'
import { notInImage } from './hints.ts'
import { toReading } from './reading.ts'

/** Names of the programs behind sockets stand in /proc of all processes, whose files only who may trace them can read. */
const processNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_PTRACE'],
  host: { filesystem: 'none', pid: true },
  user: 'root',
}

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
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), ssOptions)
    const judged = judge('ss', given)
    const named = on === 'node' && isGiven(given, '-p', '-T')
    const needs: Needs = named ? { ...processNeeds, effect: judged.effect } : { ...noNeeds, effect: judged.effect }
    const kills: Needs = { ...needs, capabilities: ['NET_ADMIN'], user: 'root' }
    return toReading(argv, {
      needs: isGiven(given, '-K') ? kills : needs,
      notes: isGiven(given, '-E') ? ['ss -E has no end of its own: the deadline ends it'] : [],
      special: judged.special,
    })
  },
}

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
  about: 'Sockets, routes and counters, in the old words.',
  examples: ['netstat -tlnp', 'netstat -rn', 'netstat -s'],
  hints: [notInImage],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), netstatOptions)
    const judged = judge('netstat', given)
    const named = on === 'node' && isGiven(given, '-p', '--program')
    return toReading(argv, {
      needs: named ? { ...processNeeds, effect: judged.effect } : { ...noNeeds, effect: judged.effect },
      notes: isGiven(given, '-c') ? ['netstat -c has no end of its own: the deadline ends it'] : [],
      special: judged.special,
    })
  },
}

// Source: lsof(8) 4.95. Its options may be joined to their value, and `+` begins some of them.
const lsofOptions = [
  ...reading('-? -h -a -b -C -E -H -l -n -N -O -P -R -t -U -v -V -w -X -x[=] -Z[=] -A= -c= -d= -e= -f[=] -F[=] -g[=]'),
  ...reading('-i[=] -K[=] -L[=] -o[=] -p= -s[=] -S[=] -T[=] -u= -M -Q'),
  ...special('looks again and again', '-r[=]'),
  ...specialChange('writes a cache file', '-D='),
  ...special('reads files', '-k= -m='),
]

export const lsof: Tool = {
  name: 'lsof',
  about: 'Which process has which file or socket open?',
  examples: ['lsof -nP -i :443', 'lsof -nP -p 1'],
  hints: [notInImage],
  read: (argv, on) => {
    const words = argv.slice(1).filter((word) => !/^\+[cfLw]\d*$/.test(word))
    const given = readArguments(words, lsofOptions)
    const unknown = given.operands.some((word) => word.startsWith('+'))
    const judged = judge('lsof', given)
    const effect = unknown ? 'write' : judged.effect
    const needs: Needs = on === 'node' ? { ...processNeeds, effect } : { ...noNeeds, effect }
    return toReading(argv, { needs, special: judged.special })
  },
}
