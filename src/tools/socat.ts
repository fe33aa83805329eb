import type { SpecialArgument, Tool } from '#core/request/tool'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading } from './kit/make-reading.ts'

// Source: socat(1) 1.7. These addresses only connect to a host, or to standard input and output.
const plainAddress = /^(-|STDIO|STDIN|STDOUT|STDERR)$/i
const hostAddress =
  /^(TCP[46]?|TCP[46]?-CONNECT|UDP[46]?|UDP[46]?-CONNECT|OPENSSL|OPENSSL-CONNECT|SSL|UDP[46]?-SENDTO):/i
/** Address options that name no files or programs and change nothing. */
const addressOptions =
  /^(connect-timeout|crnl|crlf|verify=0|verify=1|commonname|snihost|bind|sourceport|nodelay|readbytes|shut-\w+|pf)(=[\w.:-]*)?$/i
const plainOptions = new Set(['-d', '-dd', '-ddd', '-v', '-x', '-u', '-U', '-4', '-6', '-V', '-h', '-?', '-hh'])

export const socat: Tool = {
  name: 'socat',
  about: 'What comes out of a TCP, UDP or TLS port?',
  examples: ['socat -u TCP:10.224.0.4:22,connect-timeout=3 STDOUT', 'socat -V'],
  hints: [
    { pattern: 'Connection refused', hint: 'The host answers, but nothing listens on that port.' },
    { pattern: 'Connection timed out', hint: 'Nothing came back: packets are dropped on the way.' },
    notInImage,
  ],
  reaches: (argv) => findAddresses(argv).flatMap(findHosts),
  read: (argv) => {
    const special = findAddresses(argv).flatMap(findSpecialAddress)
    const isBounded = argv.slice(1).some((arg) => /^-(T|V|h)/.test(arg))
    return toReading(isBounded ? argv : bounded(argv, '-T', '10'), {
      needs: plainNeeds(special.length === 0 ? 'read' : 'write'),
      notes: isBounded ? [] : ['-T 10: a connection on which nothing comes would be held'],
      special,
    })
  },
}

/** Returns the arguments that are addresses, not options. */
function findAddresses(argv: readonly string[]): string[] {
  return argv.slice(1).filter((arg) => !plainOptions.has(arg) && !/^-[tTb]/.test(arg))
}

/** Addresses without hosts: files, programs, local sockets, and ports to listen on. */
const withoutHost =
  /^(-|STDIO|STDIN|STDOUT|STDERR|\d+|FD|OPEN|CREATE|CREAT|FILE|GOPEN|PIPE|FIFO|ECHO|PTY|EXEC|SYSTEM|SHELL|READLINE|TUN|INTERFACE|IF|UNIX(-\w+)*|ABSTRACT(-\w+)*|(\w+-)?(LISTEN|L|RECV|RECVFROM))(?![\w-])/i

/** Returns the hosts of an address. One with quotes, which socat takes out, is returned whole: it is read as unclear. */
function findHosts(address: string): string[] {
  return address.split('!!').flatMap((each) => {
    if (/["'\\(){}]/.test(each)) return [each]
    if (withoutHost.test(each)) return []
    const [, kind = '', rest = ''] = /^([^:,]*):([^,]*)/.exec(each) ?? []
    const parts = rest.split(/:(?![^[]*\])/)
    // An IPv6 address without brackets: any colon may stand before the port.
    if (parts.length > 4) return [rest]
    return parts.slice(0, /^(PROXY|SOCKS)/i.test(kind) ? 2 : 1)
  })
}

function findSpecialAddress(address: string): SpecialArgument[] {
  const [endpoint = '', ...options] = address.split(',')
  const known = plainAddress.test(endpoint) || hostAddress.test(endpoint)
  if (known && !address.includes('!!') && options.every((option) => addressOptions.test(option))) return []
  const kind = (/^[A-Za-z0-9-]+/.exec(endpoint)?.[0] ?? 'ADDRESS').toUpperCase()
  return [{ name: `socat ${kind}`, why: 'it may run programs, or read and write files, devices and sockets' }]
}
