import type { ToolOutput } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { hasOption, operandsOf, optionValues } from './arguments-of.ts'
import { firstMatch, linesOf } from './insight-helpers.ts'

export type SocketKind = 'TCP' | 'UDP' | 'UNIX' | 'netlink' | 'packet' | 'raw' | 'other'

/** One socket. `received` and `room` are Recv-Q and Send-Q: of a listener, its queue and the queue's size. */
export type SocketEntry = {
  kind: SocketKind
  /** As `ss` names it; empty where it isn't printed. */
  state: string
  received: number
  room: number
  local: string
  peer: string
  /** Size of the receive buffer in bytes, where it is printed (`-m`). */
  buffer?: number
}

/** A list of sockets, and what was asked for. */
export type SocketList = {
  kind: 'sockets'
  sockets: readonly SocketEntry[]
  /** True where a filter hides others. */
  isFiltered: boolean
  /** Whether listeners are shown: only they, they too, or not. */
  listens: 'only' | 'too' | 'no'
  /** Protocols that were asked for: `TCP`, `UDP`; none where all were. */
  protocols: readonly string[]
  /** Address family that was asked for. */
  family?: 'IPv4' | 'IPv6'
}

/** Numbers of `ss -s`. */
export type SocketSummary = {
  kind: 'summary'
  total: number
  established: number
  closed: number
  orphaned: number
  timeWait: number
}

/** Returns which sockets the options ask for; they are the same in `ss` and `netstat`. */
export function readAskedSockets(argv: readonly string[]): Pick<SocketList, 'listens' | 'protocols' | 'family'> {
  const has = (letter: string, ...names: string[]) => hasOption(argv, letter, ...names)
  const protocols = [
    ...(has('t', '--tcp') ? ['TCP'] : []),
    ...(has('u', '--udp') ? ['UDP'] : []),
    ...(has('x', '--unix') ? ['UNIX'] : []),
    ...(has('w', '--raw') ? ['raw'] : []),
  ]
  const family = has('4', '--ipv4') ? 'IPv4' : has('6', '--ipv6') ? 'IPv6' : undefined
  return {
    listens: has('a', '--all') ? 'too' : has('l', '--listening') ? 'only' : 'no',
    protocols,
    ...defined({ family }),
  }
}

/** Names of states as filters have them, by the name that is printed. Source: ss(8). */
const states: Readonly<Record<string, string>> = {
  established: 'ESTAB',
  listening: 'LISTEN',
  'syn-sent': 'SYN-SENT',
  'syn-recv': 'SYN-RECV',
  'time-wait': 'TIME-WAIT',
  'close-wait': 'CLOSE-WAIT',
}

const knownState = /^(?:ESTAB|SYN-SENT|SYN-RECV|FIN-WAIT-[12]|TIME-WAIT|UNCONN|CLOSE-WAIT|LAST-ACK|LISTEN|CLOSING)$/
const kinds: readonly (readonly [RegExp, SocketKind])[] = [
  [/^(?:tcp|mptcp)$/, 'TCP'],
  [/^udp(?:l|lite)?$/, 'UDP'],
  [/^u_/, 'UNIX'],
  [/^nl$/, 'netlink'],
  [/^p_/, 'packet'],
  [/^(?:raw|\?\?\?|icmp6?)$/, 'raw'],
]

/** Reads `ss`: its sockets, or its summary. */
export function readSs({ text, argv }: ToolOutput): SocketList | SocketSummary | undefined {
  const summary = parseSummary(text)
  if (summary !== undefined) return summary
  const lines = linesOf(text)
  const head = /^(Netid\s+)?(State\s+)?Recv-Q\s+Send-Q\s+Local Address:Port\s+Peer Address:Port/.exec(lines[0] ?? '')
  const isHeadless = hasOption(argv, 'H', '--no-header')
  if (head === null && !isHeadless) return undefined
  const asked = readAskedSockets(argv)
  const filter = operandsOf(argv, [
    '-f',
    '--family',
    '-A',
    '--query',
    '--socket',
    '-D',
    '--diag',
    '-F',
    '--filter',
    '-N',
    '--net',
  ])
  const known = filter[0] === 'state' && filter.length >= 2 ? states[filter[1] ?? ''] : undefined
  const columns = { only: onlyKind(asked.protocols), state: known ?? '' }
  const sockets = parseSockets(head === null ? lines : lines.slice(1), columns)
  // Without a heading, an empty list can't be distinguished from other output.
  if (head === null && sockets.length === 0) return undefined
  const isFiltered = filter.length > 0 || optionValues(argv, 'F', '--filter').length > 0
  const isOther = hasOption(argv, 'A', '--query', '--socket') || hasOption(argv, 'f', '--family')
  return { kind: 'sockets', sockets, ...asked, isFiltered: isFiltered || (isOther && sockets.length === 0) }
}

/** Returns the kind of sockets without a column `Netid`: the only one that was asked for. */
function onlyKind(protocols: readonly string[]): SocketKind {
  const [only, ...others] = protocols
  if (others.length > 0) return 'other'
  return only === 'TCP' || only === 'UDP' || only === 'UNIX' || only === 'raw' ? only : 'other'
}

function parseSockets(lines: readonly string[], columns: { only: SocketKind; state: string }): SocketEntry[] {
  const sockets: SocketEntry[] = []
  for (const line of lines) {
    const socket = /^\s/.test(line) ? undefined : parseSocket(line, columns)
    const last = socket ?? sockets.at(-1)
    const [, buffer] = /skmem:\(r\d+,rb(\d+)/.exec(line) ?? []
    if (last !== undefined && buffer !== undefined) last.buffer = Number(buffer)
    if (socket !== undefined) sockets.push(socket)
  }
  return sockets
}

/** Parses `[Netid] [State] Recv-Q Send-Q Local Peer …`: columns that a filter makes needless are left out. */
function parseSocket(line: string, { only, state }: { only: SocketKind; state: string }): SocketEntry | undefined {
  const fields = line.trim().split(/\s+/)
  const netid = kinds.find(([pattern]) => pattern.test(fields[0] ?? ''))
  const isOther = netid === undefined && /^[a-z]/.test(fields[0] ?? '')
  if (netid !== undefined || isOther) fields.shift()
  const printed = knownState.test(fields[0] ?? '') ? fields.shift() : undefined
  const [received = '', room = '', local, peer = ''] = fields
  if (!/^\d+$/.test(received) || !/^\d+$/.test(room) || local === undefined) return undefined
  const kind = netid?.[1] ?? (only === 'other' && printed !== undefined && !isOther ? guessKind(printed) : only)
  return { kind, state: printed ?? state, received: Number(received), room: Number(room), local, peer }
}

/** Returns the kind of a socket by its state, where no column names it: only UDP has unconnected ones. */
function guessKind(state: string): SocketKind {
  return state === 'UNCONN' ? 'UDP' : 'TCP'
}

function parseSummary(text: string): SocketSummary | undefined {
  const [total, established, closed, orphaned, timeWait] =
    firstMatch(text, /^TCP:\s+(\d+) \(estab (\d+), closed (\d+), orphaned (\d+),(?: synrecv \d+,)? timewait (\d+)/) ??
    []
  if (total === undefined) return undefined
  return {
    kind: 'summary',
    total: Number(total),
    established: Number(established),
    closed: Number(closed),
    orphaned: Number(orphaned),
    timeWait: Number(timeWait),
  }
}
