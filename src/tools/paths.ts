import { type Needs, noNeeds, type Tool } from '#core/tool'
import { isGiven, judge, readArguments, reading, special } from './arguments.ts'
import { notInImage } from './hints.ts'
import { bounded, toReading } from './reading.ts'

/** Packets of one's own making need a raw socket. */
export const rawNeeds: Needs = { ...noNeeds, capabilities: ['NET_RAW'], user: 'root' }

const noRaw = {
  pattern:
    'Operation not permitted|setsockopt.*not permitted|Failure to open .*socket|requires root|not have enough privileges',
  hint: 'This form of it sends packets of its own making: give `-c NET_RAW`, or leave all such flags out.',
}

// Source: traceroute(8) 2.1.
const tracerouteOptions = [
  ...reading('-4 -6 -d,--debug -F,--dont-fragment -f,--first= -g,--gateway= -I,--icmp -T,--tcp -i,--interface='),
  ...reading('-m,--max-hops= -N,--sim-queries= -n -p,--port= -t,--tos= -l,--flowlabel= -w,--wait= -q,--queries='),
  ...reading('-r -s,--source= -z,--sendwait= -e,--extensions -A,--as-path-lookups -M,--module= -O,--options='),
  ...reading('--sport= --fwmark= -U,--udp -D,--dccp -P,--protocol= --mtu --back -V,--version --help'),
]

export const traceroute: Tool = {
  name: 'traceroute',
  about: 'Which way do packets take?',
  examples: ['traceroute -n 10.224.0.4', 'traceroute -n -T -p 443 example.org'],
  hints: [noRaw, notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), tracerouteOptions)
    const judged = judge('traceroute', given)
    const raw = isGiven(given, '-T', '-D', '-P', '-I', '-M')
    const short = isGiven(given, '-w', '-m', '--help', '-V')
    const marks: Needs['capabilities'] = isGiven(given, '--fwmark') ? ['NET_ADMIN'] : []
    const needs = raw || marks.length > 0 ? { ...rawNeeds, capabilities: [...marks, 'NET_RAW' as const] } : noNeeds
    return toReading(short ? argv : bounded(argv, '-w', '2'), {
      needs: { ...needs, effect: judged.effect },
      notes: short ? [] : ['-w 2: hops that never answer would be waited for longer'],
      special: judged.special,
    })
  },
}

// Source: mtr(8) 0.95.
const mtrOptions = [
  ...reading('-4 -6 -u,--udp -T,--tcp -S,--sctp -a,--address= -f,--first-ttl= -m,--max-ttl= -U,--max-unknown= -E='),
  ...reading(
    '--max-display-path= -P,--port= -L,--localport= -s,--psize= -B,--bitpattern= -i,--interval= -G,--gracetime=',
  ),
  ...reading('-Q,--tos= -e,--mpls -Z,--timeout= -M,--mark= -r,--report -w,--report-wide -c,--report-cycles= -j,--json'),
  ...reading('-x,--xml -C,--csv -l,--raw -p,--split -n,--no-dns -b,--show-ips -o,--order= -y,--ipinfo= -z,--aslookup'),
  ...reading('-I,--interface= -h,--help -v,--version -t,--curses --displaymode='),
  ...special('reads names from a file', '-F,--filename='),
]

export const mtr: Tool = {
  name: 'mtr',
  about: 'Where on the way do packets get lost?',
  examples: ['mtr -n 10.224.0.4', 'mtr -n -T -P 443 -c 20 example.org'],
  hints: [noRaw, notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), mtrOptions)
    const judged = judge('mtr', given)
    const informs = isGiven(given, '-h', '-v')
    const added = [
      ...(isGiven(given, '-r', '-w', '-j', '-x', '-C') ? [] : ['--report']),
      ...(isGiven(given, '-c') ? [] : ['-c', '5']),
    ]
    const as = informs || added.length === 0
    return toReading(as ? argv : bounded(argv, ...added), {
      needs: { ...rawNeeds, effect: judged.effect },
      notes: as ? [] : [`${added.join(' ')}: mtr has a screen and no end of its own`],
      special: judged.special,
    })
  },
}
