import { type Needs, noNeeds, type Tool } from '#core/tool'
import { isGiven, judge, readArguments, reading, special, specialChange, valuesOf } from './arguments.ts'
import { notInImage } from './hints.ts'
import { rawNeeds } from './paths.ts'
import { bounded, refuse, toReading } from './reading.ts'

// Source: tcpdump(1) 4.99.
const tcpdumpOptions = [
  ...reading(
    '-A -b -B,--buffer-size= -c= --count -d -D,--list-interfaces -e -E= -f -H -h,--help --version -i,--interface=',
  ),
  ...reading(
    '-I,--monitor-mode --immediate-mode -j,--time-stamp-type= -J,--list-time-stamp-types --time-stamp-precision=',
  ),
  ...reading(
    '--micro --nano -K,--dont-verify-checksums -l -L,--list-data-link-types -n -N -#,--number -O,--no-optimize',
  ),
  ...reading(
    '-p,--no-promiscuous-mode --print -q -Q,--direction= -s,--snapshot-length= -S,--absolute-tcp-sequence-numbers',
  ),
  ...reading('-t -T= -u -U,--packet-buffered -v -x -X -y,--linktype= -M= --skip= --lengths'),
  ...specialChange('writes a file', '-w= -C= -G= -W='),
  ...specialChange('runs a program after each file', '-z='),
  ...special('reads a file', '-r= -V= -F= -m='),
  ...special('becomes another user', '-Z,--relinquish-privileges='),
]

export const tcpdump: Tool = {
  name: 'tcpdump',
  about: 'Which packets come and go?',
  examples: ['tcpdump -ni eth0 port 53', 'tcpdump -ni any -c 10 host 10.224.0.4 and tcp'],
  hints: [
    {
      pattern: "You don't have permission|Operation not permitted",
      hint: 'Capturing needs `-c NET_RAW`, or leave -c, -m, -w and --host-pid all out, and what it needs is worked out.',
    },
    {
      pattern: 'No such device exists',
      hint: 'There is no such interface here: `ip -br link` lists them, `-i any` takes all.',
    },
    notInImage,
  ],
  read: (argv) => {
    const given = readArguments(argv.slice(1), tcpdumpOptions)
    if (valuesOf(given, '-w').includes('-')) {
      return refuse(
        argv,
        'tcpdump -w - writes bytes that no chat can show.',
        'Packets as text: `-X`, or `-A` for what is in them.',
      )
    }
    const judged = judge('tcpdump', given)
    const informs = isGiven(given, '-D', '-h', '--version', '-d', '-L', '-J', '-c')
    // Without `-Z root` it would become a user of its own, for which the container has no right; lines come as they are seen.
    const own = isGiven(given, '-Z') ? [] : ['-Z', 'root']
    return toReading(bounded(argv, '-l', ...own, ...(informs ? [] : ['-c', '20'])), {
      needs: { ...rawNeeds, effect: judged.effect },
      notes: informs ? [] : ['-c 20: tcpdump has no end of its own'],
      special: judged.special,
    })
  },
}

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
  read: (argv) => {
    const given = readArguments(argv.slice(1).flatMap(twoDashes), nmapOptions)
    const judged = judge('nmap', given)
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

// Source: iperf3(1) 3.12.
const iperfOptions = [
  ...reading(
    '-p,--port= -f,--format= -i,--interval= -B,--bind= --bind-dev= -V,--verbose -J,--json --forceflush --timestamps[=]',
  ),
  ...reading(
    '-c,--client= --sctp -X,--xbind= -u,--udp -b,--bitrate= --pacing-timer= --fq-rate= -t,--time= -n,--bytes=',
  ),
  ...reading(
    '-k,--blockcount= -l,--length= --cport= -P,--parallel= -R,--reverse --bidir -w,--window= -C,--congestion=',
  ),
  ...reading('-M,--set-mss= -N,--no-delay -4,--version4 -6,--version6 -S,--tos= --dscp= -L,--flowlabel= -Z,--zerocopy'),
  ...reading('-O,--omit= -T,--title= --extra-data= --get-server-output --udp-counters-64bit --repeating-payload'),
  ...reading(
    '--dont-fragment --connect-timeout= --rcv-timeout= --snd-timeout= -v,--version -h,--help -d,--debug -A,--affinity=',
  ),
  ...special('waits for connections', '-s,--server -D,--daemon -1,--one-off'),
  ...special('reads a file', '-F,--file= --rsa-public-key-path= --rsa-private-key-path= --authorized-users-path='),
  ...specialChange('writes a file', '--logfile= -I,--pidfile='),
]

export const iperf3: Tool = {
  name: 'iperf3',
  about: 'How fast is the way to another iperf3?',
  examples: ['iperf3 -c 10.224.0.4', 'iperf3 -c 10.224.0.4 -R -t 10'],
  hints: [
    {
      pattern: 'unable to connect to server',
      hint: 'On the other end somebody has to run `iperf3 -s`; the port is 5201.',
    },
    notInImage,
  ],
  read: (argv) => {
    const given = readArguments(argv.slice(1), iperfOptions)
    const judged = judge('iperf3', given)
    const ends = isGiven(given, '-t', '-n', '-k', '-v', '-h', '-s')
    return toReading(ends ? argv : bounded(argv, '-t', '5'), {
      needs: { ...noNeeds, effect: judged.effect },
      notes: ends ? [] : ['-t 5: a short load is enough to see the speed'],
      special: judged.special,
    })
  },
}
