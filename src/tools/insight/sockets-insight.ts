import { type Insight, interpretWith, type Reader } from '#core/request/insight'
import { count } from '#core/util/units'
import {
  type Count,
  countTexts,
  countValues,
  factsOf,
  listed,
  moreText,
  tally,
  type Verdict,
} from './insight-helpers.ts'
import { type InterfaceCounters, type NetstatRoutes, readNetstat } from './netstat-text.ts'
import { readSs, type SocketEntry, type SocketList, type SocketSummary } from './ss-text.ts'

/** Number of CLOSE-WAIT sockets, and of orphans, from which it is a warning; fewer may be a momentary state. */
const minUnclosed = 20
const minOrphans = 1_000
/** Bytes that wait in a receive queue from which it is a warning. The kernel's default buffer of UDP has 212,992. */
const minUnread = 65_536
const defaultUdpBuffer = 212_992
/** Share of a listener's queue (0 to 1) from which it is a warning. */
const nearlyFull = 0.5

/** What `ss` proves: its sockets, or the summary of `ss -s`. */
export type SsData = SocketList | SocketSummary
/** What `netstat` proves: sockets, routes (`-r`), or interfaces (`-i`). */
export type NetstatData = SocketList | NetstatRoutes | InterfaceCounters

function saySs(data: SsData): Insight | undefined {
  return data.kind === 'sockets' ? saySockets(data) : saySummary(data)
}

function sayNetstat(data: NetstatData): Insight | undefined {
  if (data.kind === 'sockets') return saySockets(data)
  return data.kind === 'routes' ? sayRoutes(data) : sayInterfaces(data)
}

function saySockets(list: SocketList): Insight {
  const { sockets, isFiltered } = list
  if (sockets.length === 0) return { severity: 'ok', headline: sayNone(list), facts: [] }
  const states = statesOf(sockets)
  const facts = factsOf({
    sockets: String(sockets.length),
    ...countValues(states.slice(0, 5)),
    peers: list.listens === 'only' ? undefined : toPeersText(sockets),
  })
  const problem =
    findFullQueue(sockets) ??
    findUnread(sockets) ??
    findFilling(sockets) ??
    findUnanswered(sockets) ??
    findUnclosed(sockets)
  if (problem !== undefined) return { ...problem, facts }
  const which = isFiltered ? ', as far as the filter shows' : ''
  const text = listed(
    states.map(([state, times]) => `${times} ${state}`),
    4,
  )
  return { severity: 'ok', headline: `${count(sockets.length, 'socket')}: ${text}${which}`, facts }
}

/** Says that a list is empty, and of what. */
function sayNone({ isFiltered, listens, protocols, family }: SocketList): string {
  if (isFiltered) return 'No socket matches the filter'
  const kinds = protocols.length === 0 ? '' : `${protocols.join(' or ')} `
  const where = family === undefined ? '' : ` (${family})`
  if (listens === 'no') return `No ${kinds}connection${where}; listeners are not shown`
  const isEverything = family === undefined && ['TCP', 'UDP'].every((name) => protocols.includes(name))
  if (listens === 'only')
    return isEverything || protocols.length === 0
      ? 'Nothing listens'
      : `Nothing listens (${protocols.join(', ')}${family === undefined ? '' : `, ${family}`})`
  return `No ${kinds}socket${where}`
}

const isInternet = ({ kind }: SocketEntry) => kind === 'TCP' || kind === 'UDP'

/** Counts the states of Internet sockets, and after them the sockets of other kinds by kind. */
function statesOf(sockets: readonly SocketEntry[]): Count[] {
  const others = sockets.filter((socket) => !isInternet(socket))
  return [
    ...tally(sockets.filter(isInternet).map(({ kind, state }) => state || kind)),
    ...tally(others.map(({ kind }) => kind)),
  ]
}

const isListener = ({ kind, state, room }: SocketEntry) =>
  (kind === 'TCP' || kind === 'UNIX') && state === 'LISTEN' && room > 0

function findFullQueue(sockets: readonly SocketEntry[]): Verdict | undefined {
  const full = sockets.filter((socket) => isListener(socket) && socket.received >= socket.room)
  if (full.length === 0) return undefined
  const where = listed(full.map(({ local }) => local))
  return {
    severity: 'bad',
    headline: `The queue of new connections is full on ${where}: its program doesn't accept them`,
  }
}

function findFilling(sockets: readonly SocketEntry[]): Verdict | undefined {
  const [first, ...more] = sockets.filter((socket) => isListener(socket) && socket.received >= nearlyFull * socket.room)
  if (first === undefined) return undefined
  return {
    severity: 'warn',
    headline: `New connections wait on ${first.local}: ${first.received} in a queue for ${first.room}${moreText(more.length)}`,
  }
}

function findUnread(sockets: readonly SocketEntry[]): Verdict | undefined {
  const unread = sockets
    .filter((socket) => isInternet(socket) && socket.state !== 'LISTEN' && socket.received >= minUnread)
    .toSorted((a, b) => b.received - a.received)
  const full = unread.filter(({ received, buffer }) => buffer !== undefined && received >= buffer)
  const name = ({ kind, local }: SocketEntry) => `${local} (${kind})`
  if (full.length > 0)
    return {
      severity: 'bad',
      headline: `The receive queue is full on ${listed(full.map(name))}: its program doesn't read`,
    }
  const [first, ...more] = unread
  if (first === undefined) return undefined
  return {
    severity: first.kind === 'UDP' && first.received >= defaultUdpBuffer ? 'bad' : 'warn',
    headline: `${first.received} bytes wait unread on ${name(first)}: its program reads too slowly${moreText(more.length)}`,
  }
}

function findUnanswered(sockets: readonly SocketEntry[]): Verdict | undefined {
  const unanswered = sockets.filter(({ state }) => state === 'SYN-SENT')
  if (unanswered.length === 0) return undefined
  const peers = listed([...new Set(unanswered.map(({ peer }) => peer))])
  return { severity: 'warn', headline: `${count(unanswered.length, 'connection')} without an answer yet: ${peers}` }
}

function findUnclosed(sockets: readonly SocketEntry[]): Verdict | undefined {
  const unclosed = sockets.filter(({ state }) => state === 'CLOSE-WAIT')
  return unclosed.length < minUnclosed
    ? undefined
    : {
        severity: 'warn',
        headline: `${unclosed.length} connections that the other side has closed and the program here has not`,
      }
}

function toPeersText(sockets: readonly SocketEntry[]): string {
  const hosts = sockets
    .filter(isInternet)
    .map(({ peer }) => peer.replace(/:[^:]*$/, ''))
    .filter((host) => !/^(?:\*|0\.0\.0\.0|\[::\]|::|)$/.test(host))
  return listed(countTexts(tally(hosts)))
}

function saySummary({ total, established, closed, orphaned, timeWait }: SocketSummary): Insight {
  const facts = factsOf({
    TCP: String(total),
    established: String(established),
    closed: String(closed),
    orphaned: String(orphaned),
    'time-wait': String(timeWait),
  })
  return orphaned >= minOrphans
    ? {
        severity: 'warn',
        headline: `${orphaned} orphaned TCP connections: their programs are done, the network is not`,
        facts,
      }
    : { severity: 'ok', headline: `${count(established, 'TCP connection')} established`, facts }
}

function sayRoutes({ routes, gateways }: NetstatRoutes): Insight {
  const facts = factsOf({ routes: String(routes) })
  return gateways.length === 0
    ? { severity: 'warn', headline: 'No default route: only these networks can be reached', facts }
    : { severity: 'ok', headline: `The default route goes via ${listed(gateways)}`, facts }
}

function sayInterfaces({ interfaces }: InterfaceCounters): Insight {
  const losing = interfaces.filter(({ errors, drops }) => errors + drops > 0)
  const text = losing.map(({ name, errors, drops }) => `${name} ${errors} errors, ${drops} dropped`)
  const facts = factsOf({ interfaces: String(interfaces.length), 'errors and drops': listed(text, 4) })
  return losing.length === 0
    ? { severity: 'ok', headline: `No errors or drops on ${count(interfaces.length, 'interface')}`, facts }
    : {
        severity: 'warn',
        headline: `Errors or drops since the start on ${listed(losing.map(({ name }) => name))}`,
        facts,
      }
}

/** Reader of `ss`: states, full queues, unanswered connections. */
export const ssReader: Reader<SsData> = { read: readSs, say: saySs }
export const ssInsight = interpretWith(ssReader)

/** Reader of `netstat`: sockets as of `ss`, routes, and counters of interfaces. */
export const netstatReader: Reader<NetstatData> = { read: readNetstat, say: sayNetstat }
export const netstatInsight = interpretWith(netstatReader)
