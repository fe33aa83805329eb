import type { SpecialArgument, Tool } from '#core/request/tool'
import { notInImage } from './kit/hints.ts'
import { anyWord, bounded, plainNeeds, toReading } from './kit/make-reading.ts'

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
  about: 'What does a TCP, UDP or TLS port send?',
  examples: ['socat -u TCP:10.224.0.4:22,connect-timeout=3 STDOUT', 'socat -V'],
  hints: [
    { pattern: 'Connection refused', hint: 'The host answers, but nothing listens on that port.' },
    { pattern: 'Connection timed out', hint: 'Nothing came back: packets are dropped on the way.' },
    notInImage,
  ],
  reaches: anyWord,
  read: (argv) => {
    const args = argv.slice(1)
    const addresses = args.filter((arg) => !plainOptions.has(arg) && !/^-[tTb]/.test(arg))
    const special = addresses.flatMap(findSpecialAddress)
    const isBounded = args.some((arg) => /^-(T|V|h)/.test(arg))
    return toReading(isBounded ? argv : bounded(argv, '-T', '10'), {
      needs: plainNeeds(special.length === 0 ? 'read' : 'write'),
      notes: isBounded ? [] : ['-T 10: socat would keep an idle connection open'],
      special,
    })
  },
}

function findSpecialAddress(address: string): SpecialArgument[] {
  const [endpoint = '', ...options] = address.split(',')
  const known = plainAddress.test(endpoint) || hostAddress.test(endpoint)
  if (known && !address.includes('!!') && options.every((option) => addressOptions.test(option))) return []
  const kind = (/^[A-Za-z0-9-]+/.exec(endpoint)?.[0] ?? 'ADDRESS').toUpperCase()
  return [{ name: `socat ${kind}`, why: 'it may run programs, or read and write files, devices and sockets' }]
}
