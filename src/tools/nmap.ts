import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import {
  asking,
  checkArguments,
  detour,
  findDetours,
  isGiven,
  readArguments,
  reading,
  special,
  specialChange,
  toOutput,
  unless,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { rawNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: nmap(1) 7.93, and the getopt string in its nmap.cc, which has -i, -m and -o too. Names of several letters may
// have one dash or two.
const nmapOptions = [
  ...reading(
    '--sT --sn --sL --sV --sU --sS --sA --sW --sM --sN --sF --sX --sO --sY --sZ --sP --PN --Pn --PE --PP --PM',
  ),
  ...reading(
    '--PR --PS --PA --PU --PY --PO -n -R -O -F -r -v -d -6 -h,--help -V,--version --open --reason --traceroute',
  ),
  ...reading('--system-dns --disable-arp-ping --unprivileged --privileged --iflist --packet-trace --version-light'),
  ...reading(
    '--version-all --osscan-limit --osscan-guess --noninteractive -p= --T= -e= -g,--source-port= --top-ports=',
  ),
  ...reading('--port-ratio= --exclude= --max-retries= --ttl= --host-timeout= --scan-delay= --max-scan-delay='),
  ...reading('--min-rate= --max-rate= --min-parallelism= --max-parallelism= --min-rtt-timeout= --max-rtt-timeout='),
  ...reading('--initial-rtt-timeout= --version-intensity= --mtu= --data-length= --stats-every= --min-hostgroup='),
  ...reading('--max-hostgroup= --exclude-ports= --max-os-tries= --resolve-all --unique'),
  ...detour('asks other name servers', '--dns-servers='),
  ...detour('connects by way of a proxy', '--proxies='),
  ...special('runs scripts against the host', '--sC -A --script= --script-args= --script-trace --script-updatedb'),
  ...asking(special('reads a file', '--iL= -i=')),
  ...special('reads a file', '--excludefile= --resume= --datadir= --servicedb= --versiondb= --script-args-file='),
  ...unless(toOutput, specialChange('writes a file', '--oN= --oX= --oG=')),
  ...specialChange('writes a file', '--oA= --oS= --oM= --oH= -o= -m= --append-output --stylesheet='),
  ...special('fakes senders or makes up targets', '-S= -D,--decoy= --spoof-mac= --iR= --badsum -f --sI= -b='),
]

/** One address or name. In addresses, `-`, `,` and `*` mean several numbers, and `/` a network. */
function isOneHost(text: string): boolean {
  if (text.includes(':')) return /^[\da-f:.]+(%[\w.-]+)?$/i.test(text)
  if (/^[\d.,*-]*$/.test(text)) return text.split('.').every((part) => /^\d+$/.test(part))
  return /^[\w.-]+$/.test(text)
}

/** Options that need custom packets, and therefore a raw socket. */
const rawScans =
  '--sS --sU --sA --sW --sM --sN --sF --sX --sO --sY --sZ --sI -O -A --PE --PP --PM --PR --PS --PA --PU --PY --PO --traceroute -f --badsum -S -D --spoof-mac'.split(
    ' ',
  )

export const nmap: Tool = {
  name: 'nmap',
  about: 'Which ports of a host are open?',
  examples: ['nmap -Pn -p 22,80,443 10.224.0.4', 'nmap -sn 10.224.0.4'],
  hints: [
    { pattern: 'requires root privileges', hint: 'This kind of scan needs `-c NET_RAW`; `-sT` needs nothing.' },
    notInImage,
  ],
  reaches: (argv) => {
    const given = readArguments(argv.slice(1).flatMap(toTwoDashes), nmapOptions)
    const named = ['--dns-servers', '--proxies', '--sI', '-b'].flatMap((name) => valuesOf(given, name))
    return [
      ...given.operands,
      ...named.flatMap((value) => value.split(',')).map((each) => each.replace(/^\w+:\/\//, '')),
    ]
  },
  hostNotation: 'network',
  read: (argv) => {
    const given = readArguments(argv.slice(1).flatMap(toTwoDashes), nmapOptions, { oneDash: 'long-first' })
    const checked = checkArguments('nmap', given)
    const raw = isGiven(given, ...rawScans)
    const hasSeveralHosts = given.operands.length > 1 || given.operands.some((host) => !isOneHost(host))
    const rangeArguments = hasSeveralHosts ? [{ name: 'nmap RANGE', why: 'it probes many hosts at once' }] : []
    const needs: Needs = raw ? rawNeeds : noNeeds
    return toReading(argv, {
      needs: { ...needs, effect: checked.effect },
      special: [...checked.special, ...rangeArguments],
      sendsInput: checked.sendsInput,
      discloses: checked.special.length > 0,
      detours: findDetours('nmap', given),
    })
  },
}

/** Converts an argument of nmap to GNU syntax: kinds of scan may be combined (`-sSV`), and values may follow. */
function toTwoDashes(arg: string): string[] {
  if (!/^-[A-Za-z]/.test(arg)) return [arg]
  if (/^-s[TnLVUSAWMNFXOYZPC]+$/.test(arg)) return [...arg.slice(2)].map((kind) => `--s${kind}`)
  if (/^-P[A-Za-z]/.test(arg)) return [`--${arg.slice(1, 3)}`]
  if (/^-[vd]\d$/.test(arg)) return [arg.slice(0, 2)]
  const glued = /^-(o[NXGAS]|i[LR]|sI|T)(.*)$/.exec(arg)
  if (glued !== null) return [glued[2] === '' ? `--${glued[1]}` : `--${glued[1]}=${glued[2]}`]
  return [arg]
}
