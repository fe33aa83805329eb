import type { Tool } from '#core/request/tool'
import { measureNc } from './insight/measure-tool-output.ts'
import { ncInsight } from './insight/nc-insight.ts'
import {
  changing,
  checkArguments,
  detour,
  findDetours,
  isGiven,
  readArguments,
  reading,
  special,
  specialChange,
  valuesOf,
  withDetours,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading, withoutNumbers } from './kit/reading-and-needs.ts'

// Source: ncat(1) of Nmap 7.95, and its getopt string.
const options = withDetours(
  [
    ...reading('-4 -6 -C,--crlf -d,--delay= -h,--help -i,--idle-timeout= -n,--nodns -p,--source-port= -s,--source='),
    ...reading(
      '-t,--telnet -u,--udp -v,--verbose -w,--wait= -z --version --sctp --send-only --recv-only --no-shutdown',
    ),
    ...detour('connects by way of a proxy', '--proxy='),
    ...reading('--proxy-type= --proxy-auth= --proxy-dns= --ssl --ssl-verify --ssl-ciphers= --ssl-alpn='),
    ...reading('--ssl-servername= --nsock-engine= --allow= --deny= --test --append-output'),
    ...changing('-l,--listen -k,--keep-open -m,--max-conns= --broker --chat --talk -g= -G='),
    ...specialChange('runs a program for the other end', '-e,--exec= -c,--sh-exec='),
    ...specialChange('runs a script for the other end', '--lua-exec= --lua-exec-internal='),
    ...specialChange('writes a file', '-o,--output= -x,--hex-dump='),
    ...special('reads a file', '--allowfile= --denyfile= --ssl-cert= --ssl-key= --ssl-trustfile='),
    ...special("talks to a local program's socket", '-U,--unixsock --vsock'),
  ],
  { 'sends packets by way of other hosts': '-g -G' },
)

/** Returns an IPv6 address in brackets as ncat takes it, and the port behind it as a word of its own. */
function withoutBrackets(word: string): string[] {
  const [all, address = '', port] = /^\[([0-9A-Fa-f:.]{2,45}(?:%\w{1,15})?)\](?::(\d{1,5}))?$/.exec(word) ?? []
  if (all === undefined) return [word]
  return port === undefined ? [address] : [address, port]
}

export const nc: Tool = {
  name: 'nc',
  about: 'Is a TCP or UDP port open?',
  examples: ['nc -zv 10.0.0.1 443', 'nc -zvu 10.0.0.10 53'],
  hints: [
    {
      pattern: '^(?:Ncat|nc(?:\\.openbsd)?): .*Connection refused',
      hint: 'The host answers, but nothing listens on that port (or a firewall rejects it).',
    },
    {
      pattern: '^(?:Ncat|nc(?:\\.openbsd)?): .*(?:timed out|TIMEOUT)',
      hint: 'Nothing came back: a firewall or a network policy drops the packets, or the address is wrong.',
    },
    {
      pattern: '^(?:Ncat|nc(?:\\.openbsd)?): .*No route to host',
      hint: 'No route, a firewall that rejects, or a next hop that does not answer: `ip route get ADDRESS` and `ip neigh` tell which.',
    },
    { pattern: '^Ncat: Could not resolve hostname', hint: 'The name was not resolved; ask with `dig NAME`.' },
    notInImage,
  ],
  reaches: (argv) => {
    const given = readArguments(argv.slice(1).flatMap(withoutBrackets), options)
    return [...withoutNumbers(given.operands), ...valuesOf(given, '--proxy')]
  },
  insight: ncInsight,
  measure: measureNc,
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('nc', given)
    const probe = isGiven(given, '-z') && !isGiven(given, '-w')
    const plain = argv.flatMap(withoutBrackets)
    return toReading(probe ? bounded(plain, '-w', '5') : plain, {
      needs: plainNeeds(checked.effect),
      notes: [
        ...(probe ? ['-w 5: nc would wait longer for a dropped connection'] : []),
        ...(plain.join(' ') === argv.join(' ') ? [] : ['nc takes IPv6 addresses without brackets']),
      ],
      special: checked.special,
      sendsInput: !isGiven(given, '-z', '--recv-only', '-h', '--version'),
      discloses: checked.special.length > 0,
      detours: findDetours('nc', given),
    })
  },
}
