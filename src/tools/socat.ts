import { type SpecialArgument, type Tool, upload } from '#core/request/tool'
import {
  checkArguments,
  isGiven,
  readArguments,
  reading,
  specialChange,
  uniqueSpecial,
  unknownWhy,
  unless,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: socat(1) 1.7. These addresses only connect to a host, or to standard input and output.
const plainAddress = /^(-|STDIO|STDIN|STDOUT|STDERR)$/i
const hostAddress =
  /^(TCP[46]?|TCP[46]?-CONNECT|UDP[46]?|UDP[46]?-CONNECT|OPENSSL|OPENSSL-CONNECT|SSL|UDP[46]?-SENDTO):/i
/** Address options that name no files or programs and change nothing. */
const addressOptions =
  /^(connect-timeout|crnl|crlf|verify=0|verify=1|commonname|snihost|bind|sourceport|nodelay|readbytes|shut-\w+|pf)(=[\w.:-]*)?$/i

// One name an argument; the value of -t, -T and -b may follow in the next one.
const options = [
  ...reading('-d -dd -ddd -dddd -d0 -d1 -d2 -d3 -d4 -D -v -x -u -U -s -g -4 -6 -V -h -hh -hhh -? -?? -??? -ls -lh -lu'),
  ...reading('-lp='),
  ...unless(/^[\d.]+$/, specialChange(unknownWhy, '-t= -T= -b= -S=')),
  ...specialChange('writes a file', '-lf= -r= -R= -L= -W='),
]

export const socat: Tool = {
  name: 'socat',
  about: 'What does a TCP, UDP or TLS port send?',
  examples: ['socat -u TCP:10.224.0.4:22,connect-timeout=3 STDOUT', 'socat -V'],
  hints: [
    {
      pattern: '^\\S{1,20} \\S{1,20} socat\\[\\d{1,10}\\] E .*Connection refused',
      hint: 'The host answers, but nothing listens on that port.',
    },
    {
      pattern: '^\\S{1,20} \\S{1,20} socat\\[\\d{1,10}\\] E .*Connection timed out',
      hint: 'Nothing came back: packets are dropped on the way.',
    },
    notInImage,
  ],
  reaches: (argv) => findAddresses(argv).flatMap(findHosts),
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { oneDash: 'names', terminator: false })
    const checked = checkArguments('socat', given)
    const special = uniqueSpecial([...checked.special, ...given.operands.flatMap(findSpecialAddress)])
    const isBounded = isGiven(given, '-T', '-V', '-h', '-hh', '-hhh')
    const isOther = (address: string) => !plainAddress.test(address) && !hostAddress.test(address)
    // A file or program has data of its own, which the connection sends.
    const uploads =
      given.operands.some(isOther) && given.operands.some((each) => hostAddress.test(each)) ? [upload] : []
    return toReading(isBounded ? argv : bounded(argv, '-T', '10'), {
      needs: plainNeeds(special.length === 0 ? 'read' : 'write'),
      notes: isBounded ? [] : ['-T 10: socat would keep an idle connection open'],
      special: [...special, ...uploads],
      sendsInput: given.operands.some((address) => !/^(STDOUT|STDERR)$/i.test(address) && !hostAddress.test(address)),
      discloses: special.length > 0,
    })
  },
}

/** Returns the arguments that are addresses, not options; an option that isn't known may be one. */
function findAddresses(argv: readonly string[]): string[] {
  const { operands, unknown } = readArguments(argv.slice(1), options, { oneDash: 'names', terminator: false })
  return [...operands, ...unknown]
}

/** Kinds of address without a host: files, programs, and sockets that programs of the same machine reach. */
const withoutHost = new Set(
  '- STDIO STDIN STDOUT STDERR FD OPEN CREATE CREAT FILE GOPEN PIPE FIFO ECHO PTY EXEC SYSTEM SHELL READLINE TUN INTERFACE IF'.split(
    ' ',
  ),
)
const localSockets = new Set(['UNIX', 'ABSTRACT'])
const listeners = new Set(['LISTEN', 'L', 'RECV', 'RECVFROM'])

/** Reports whether an address names no host: a file, a program, a local socket, or a port to listen on. */
function hasNoHost(address: string): boolean {
  const kind = (/^[\w-]+/.exec(address)?.[0] ?? '').toUpperCase()
  if (withoutHost.has(kind) || /^\d+$/.test(kind)) return true
  const parts = kind.split('-')
  if (parts.includes('')) return false
  return localSockets.has(parts[0] ?? '') || (parts.length <= 2 && listeners.has(parts.at(-1) ?? ''))
}

/** Returns the hosts of an address. One with quotes, which socat takes out, is returned whole: it is read as unclear. */
function findHosts(address: string): string[] {
  return address.split('!!').flatMap((each) => {
    if (/["'\\(){}]/.test(each)) return [each]
    if (hasNoHost(each)) return []
    const [, kind = '', rest = ''] = /^([^:,]*):([^,]*)/.exec(each) ?? []
    const parts = splitAtColons(rest)
    // An IPv6 address without brackets: any colon may precede the port.
    if (parts.length > 4) return [rest]
    return parts.slice(0, /^(PROXY|SOCKS)/i.test(kind) ? 2 : 1)
  })
}

/** Splits an address at its colons, except those inside the brackets of an IPv6 address. Takes linear time. */
function splitAtColons(text: string): string[] {
  const parts: string[] = []
  let end = text.length
  let insideBrackets = false
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === ']') insideBrackets = true
    else if (text[at] === '[') insideBrackets = false
    else if (text[at] === ':' && !insideBrackets) {
      parts.push(text.slice(at + 1, end))
      end = at
    }
  }
  return [...parts, text.slice(0, end)].reverse()
}

function findSpecialAddress(address: string): SpecialArgument[] {
  const [endpoint = '', ...options] = address.split(',')
  const known = plainAddress.test(endpoint) || hostAddress.test(endpoint)
  if (known && !address.includes('!!') && options.every((option) => addressOptions.test(option))) return []
  const kind = (/^[A-Za-z0-9-]+/.exec(endpoint)?.[0] ?? 'ADDRESS').toUpperCase()
  return [{ name: `socat ${kind}`, why: 'it may run programs, or read and write files, devices and sockets' }]
}
