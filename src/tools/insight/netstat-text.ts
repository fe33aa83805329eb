import type { ToolOutput } from '#core/request/insight'
import { linesOf } from './insight-helpers.ts'
import { readAskedSockets, type SocketEntry, type SocketList } from './ss-text.ts'

/** Routes of `netstat -r`: their number, and the gateways (else the interfaces) of default routes. */
export type NetstatRoutes = { kind: 'routes'; routes: number; gateways: readonly string[] }
/** Counters of `netstat -i` since the start. */
export type InterfaceCounters = {
  kind: 'interfaces'
  interfaces: readonly { name: string; errors: number; drops: number }[]
}

/** Reads `netstat` of net-tools: sockets, routes or interfaces. */
export function readNetstat({ text, argv }: ToolOutput): SocketList | NetstatRoutes | InterfaceCounters | undefined {
  const lines = linesOf(text)
  if (lines.includes('Kernel IP routing table')) return readRoutes(lines)
  if (lines.includes('Kernel Interface table')) return readInterfaces(lines)
  const hasInternet = lines.some((line) =>
    /^Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address\s+State/.test(line),
  )
  const hasUnix = lines.some((line) => /^Proto\s+RefCnt\s+Flags\s+Type\s+State\s+I-Node/.test(line))
  if (!hasInternet && !hasUnix) return undefined
  const sockets = lines.flatMap((line) => parseInternet(line) ?? parseUnix(line) ?? [])
  const asked = readAskedSockets(argv)
  const title = lines.find((line) => line.startsWith('Active ')) ?? ''
  // The title names what is shown, regardless of the options.
  const listens = title.includes('(only servers)') ? 'only' : title.includes('(w/o servers)') ? 'no' : asked.listens
  return { kind: 'sockets', sockets, ...asked, listens, isFiltered: false }
}

function parseInternet(line: string): SocketEntry | undefined {
  const [protocol = '', received = '', sent = '', local, peer, state = ''] = line.split(/\s+/)
  if (!/^(?:tcp|udp|udplite|raw|sctp)6?$/.test(protocol) || !/^\d+$/.test(received) || !/^\d+$/.test(sent))
    return undefined
  if (local === undefined || peer === undefined) return undefined
  const isTcp = protocol.startsWith('tcp')
  return {
    kind: isTcp ? 'TCP' : protocol.startsWith('udp') ? 'UDP' : 'raw',
    // UDP has a state only where it is connected; else that field may contain the program.
    state: isTcp || state === 'ESTABLISHED' ? state.replace('ESTABLISHED', 'ESTAB').replaceAll('_', '-') : '',
    received: Number(received),
    // net-tools doesn't print the size of a listener's queue.
    room: 0,
    local,
    peer,
  }
}

function parseUnix(line: string): SocketEntry | undefined {
  if (!/^unix\s+\d+\s/.test(line)) return undefined
  const state = /\bLISTENING\b/.test(line) ? 'LISTEN' : ''
  return { kind: 'UNIX', state, received: 0, room: 0, local: '', peer: '' }
}

function readRoutes(lines: readonly string[]): NetstatRoutes | undefined {
  const heading = lines.findIndex((line) => /^Destination\s+Gateway\s+Genmask\s+Flags\s/.test(line))
  if (heading === -1) return undefined
  const rows = lines.slice(heading + 1).flatMap((line) => {
    const fields = line.split(/\s+/)
    const [to = '', gateway = '', mask = '', flags = ''] = fields
    return flags === '' ? [] : [{ to, gateway, mask, flags, through: fields.at(-1) ?? '' }]
  })
  const defaults = rows.filter(
    ({ to, mask, flags }) => isDefault(to, mask) && flags.includes('U') && !flags.includes('!'),
  )
  const gateways = defaults.map(({ gateway, flags, through }) => (flags.includes('G') ? gateway : through))
  return { kind: 'routes', routes: rows.length, gateways: [...new Set(gateways)] }
}

function isDefault(to: string, mask: string): boolean {
  return (to === 'default' || to === '0.0.0.0') && mask === '0.0.0.0'
}

function readInterfaces(lines: readonly string[]): InterfaceCounters | undefined {
  const heading = lines.findIndex((line) => /^Iface\s+MTU\s/.test(line))
  const columns = (lines[heading] ?? '').split(/\s+/)
  const wanted = ['RX-ERR', 'RX-DRP', 'TX-ERR', 'TX-DRP']
  if (heading === -1 || wanted.some((name) => !columns.includes(name))) return undefined
  const interfaces = lines.slice(heading + 1).flatMap((line) => {
    const fields = line.split(/\s+/)
    const value = (name: string) => Number(fields[columns.indexOf(name)])
    const numbers = wanted.map(value)
    if (fields.length !== columns.length || numbers.some((number) => !Number.isInteger(number))) return []
    return [
      { name: fields[0] ?? '', errors: value('RX-ERR') + value('TX-ERR'), drops: value('RX-DRP') + value('TX-DRP') },
    ]
  })
  return interfaces.length === 0 ? undefined : { kind: 'interfaces', interfaces }
}
