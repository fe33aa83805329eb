import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { anyWord, rawNeeds, toReading } from './kit/reading.ts'

// Source: nmap(1) 7.93. Names of two letters after one dash are written with two here; see `twoDashes`.
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
  ...reading(
    '--port-ratio= --exclude= --dns-servers= --max-retries= --ttl= --host-timeout= --scan-delay= --max-scan-delay=',
  ),
  ...reading('--min-rate= --max-rate= --min-parallelism= --max-parallelism= --min-rtt-timeout= --max-rtt-timeout='),
  ...reading('--initial-rtt-timeout= --version-intensity= --mtu= --data-length='),
  ...special('runs scripts against the host', '--sC -A --script= --script-args= --script-trace --script-updatedb'),
  ...special('reads a file', '--iL= --excludefile= --resume= --datadir= --servicedb= --versiondb= --script-args-file='),
  ...specialChange('writes a file', '--oN= --oX= --oG= --oA= --oS= --append-output --stylesheet='),
  ...special('makes up senders or targets', '-S= -D,--decoy= --spoof-mac= --iR= --badsum -f --sI= -b='),
]

/** What needs packets of one's own making. */
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
  reaches: anyWord,
  read: (argv) => {
    const given = readArguments(argv.slice(1).flatMap(twoDashes), nmapOptions)
    const judged = checkArguments('nmap', given)
    const raw = isGiven(given, ...rawScans)
    const hosts = given.operands.length > 1 || given.operands.some((host) => /[/*,]|\d-\d*(\.|$)/.test(host))
    const many = hosts ? [{ name: 'nmap RANGE', why: 'it knocks at many hosts at once' }] : []
    const needs: Needs = raw ? rawNeeds : noNeeds
    return toReading(argv, { needs: { ...needs, effect: judged.effect }, special: [...judged.special, ...many] })
  },
}

/** nmap's names of two letters and more may have one dash, kinds of scan may be joined (`-sSV`), values may be glued. */
function twoDashes(word: string): string[] {
  if (!/^-[A-Za-z]/.test(word)) return [word]
  if (/^-s[TnLVUSAWMNFXOYZPC]+$/.test(word)) return [...word.slice(2)].map((kind) => `--s${kind}`)
  if (/^-P[A-Za-z]/.test(word)) return [`--${word.slice(1, 3)}`]
  if (/^-[vd]\d$/.test(word)) return [word.slice(0, 2)]
  const glued = /^-(o[NXGAS]|i[LR]|sI|T)(.*)$/.exec(word)
  if (glued !== null) return [glued[2] === '' ? `--${glued[1]}` : `--${glued[1]}=${glued[2]}`]
  return [/^-[a-z][a-z-]{2,}/.test(word) && !/^-[vd]+$/.test(word) ? `-${word}` : word]
}
