import type { Tool } from '#core/request/tool'
import { mtrInsight } from './insight/hops-insight.ts'
import { asking, checkArguments, findDetours, isGiven, readArguments, reading, special } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, noRaw, rawNeeds, toReading, withoutNumbers } from './kit/reading-and-needs.ts'

// Source: mtr(8) 0.95.
const mtrOptions = [
  ...reading('-4 -6 -u,--udp -T,--tcp -S,--sctp -a,--address= -f,--first-ttl= -m,--max-ttl= -U,--max-unknown= -E='),
  ...reading(
    '--max-display-path= -P,--port= -L,--localport= -s,--psize= -B,--bitpattern= -i,--interval= -G,--gracetime=',
  ),
  ...reading('-Q,--tos= -e,--mpls -Z,--timeout= -M,--mark= -r,--report -w,--report-wide -c,--report-cycles= -j,--json'),
  ...reading('-x,--xml -C,--csv -l,--raw -p,--split -n,--no-dns -b,--show-ips -o,--order= -y,--ipinfo= -z,--aslookup'),
  ...reading('-I,--interface= -h,--help -v,--version -t,--curses --displaymode='),
  ...asking(special('reads names from a file', '-F,--filename=')),
]

export const mtr: Tool = {
  name: 'mtr',
  about: 'Where on the path do packets get lost?',
  examples: ['mtr -n 10.224.0.4', 'mtr -n -T -P 443 -c 20 example.org'],
  hints: [noRaw, notInImage],
  // Without a host, mtr traces the way to its own.
  reaches: (argv) => {
    const given = readArguments(argv.slice(1), mtrOptions)
    const hosts = withoutNumbers(given.operands)
    return hosts.length > 0 || isGiven(given, '-h', '-v', '-F') ? hosts : ['localhost']
  },
  insight: mtrInsight,
  read: (argv) => {
    const given = readArguments(argv.slice(1), mtrOptions)
    const checked = checkArguments('mtr', given, true)
    const isInformational = isGiven(given, '-h', '-v')
    const added = [
      ...(isGiven(given, '-r', '-w', '-j', '-x', '-C') ? [] : ['--report']),
      ...(isGiven(given, '-c') ? [] : ['-c', '5']),
    ]
    const isUnchanged = isInformational || added.length === 0
    return toReading(isUnchanged ? argv : bounded(argv, ...added), {
      needs: { ...rawNeeds, effect: checked.effect },
      notes: isUnchanged ? [] : [`${added.join(' ')}: mtr is interactive and does not end by itself`],
      special: checked.special,
      sendsInput: checked.sendsInput,
      discloses: checked.special.length > 0,
      detours: findDetours('mtr', given),
    })
  },
}
