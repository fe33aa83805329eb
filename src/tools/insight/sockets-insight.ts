import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, tally } from './match-lines.ts'

/** Number of CLOSE-WAIT sockets from which it is a warning; fewer may be a momentary state. */
const minUnclosed = 20

type Socket = { state: string; received: number; room: number; local: string; peer: string }

/** Reports socket states, full backlogs and unanswered connections from `ss`. */
export const ssInsight: ReadOutput = ({ text, argv }) => {
  const summary = parseSummary(text)
  if (summary !== undefined) return summary
  const lines = linesOf(text)
  // With more than one kind of socket, the first column is Netid.
  const head = /^(Netid\s+)?State\s+Recv-Q\s+Send-Q\s+Local Address:Port\s+Peer Address:Port/.exec(lines[0] ?? '')
  if (head === null) return undefined
  const first = head[1] === undefined ? 0 : 1
  const sockets = lines.slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const [state, received, room, local, peer] = fields.slice(first)
    return /^\d+$/.test(received ?? '') && state !== undefined && local !== undefined && peer !== undefined
      ? [{ state, received: Number(received), room: Number(room), local, peer }]
      : []
  })
  return toInsight(
    sockets,
    argv.some((arg) => /^-[a-z]*l/.test(arg) || arg === '--listening'),
  )
}

/** Reports TCP socket states and unanswered connections from `netstat`. */
export const netstatInsight: ReadOutput = ({ text, argv }) => {
  if (!/^Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address\s+State/m.test(text)) return undefined
  const sockets = linesOf(text).flatMap((line) => {
    const [proto = '', received, , local = '', peer = '', state] = line.split(/\s+/)
    // UDP has no state; that field may contain the program instead.
    return /^tcp6?$/.test(proto) && state !== undefined
      ? [
          {
            state: state.replace('ESTABLISHED', 'ESTAB').replaceAll('_', '-'),
            received: Number(received),
            room: 0,
            local,
            peer,
          },
        ]
      : []
  })
  return toInsight(
    sockets,
    argv.some((arg) => /^-[a-z]*l/.test(arg)),
  )
}

function toInsight(sockets: readonly Socket[], listening: boolean): Insight {
  const states = tally(sockets.map(({ state }) => state))
  const of = (state: string) => sockets.filter((socket) => socket.state === state)
  const facts = factsOf({
    sockets: String(sockets.length),
    ...Object.fromEntries(states.slice(0, 5).map(([state, times]) => [state, String(times)])),
    peers: listening ? undefined : toPeersText(sockets),
  })
  const full = of('LISTEN').filter(({ received, room }) => room > 0 && received >= room)
  if (full.length > 0) {
    const where = listed(full.map(({ local }) => local))
    return {
      severity: 'bad',
      headline: `The queue of new connections is full on ${where}: its program doesn't accept them`,
      facts,
    }
  }
  const unanswered = of('SYN-SENT')
  if (unanswered.length > 0) {
    const peers = listed([...new Set(unanswered.map(({ peer }) => peer))])
    return {
      severity: 'warn',
      headline: `${count(unanswered.length, 'connection')} without an answer yet: ${peers}`,
      facts,
    }
  }
  const unclosed = of('CLOSE-WAIT')
  if (unclosed.length >= minUnclosed) {
    return {
      severity: 'warn',
      headline: `${unclosed.length} connections that the other side has closed and the program here has not`,
      facts,
    }
  }
  if (sockets.length === 0)
    return { severity: 'ok', headline: listening ? 'Nothing listens' : 'No such socket', facts: [] }
  const statesText = toStatesText(states)
  return { severity: 'ok', headline: `${count(sockets.length, 'socket')}: ${statesText}`, facts }
}

function toStatesText(states: readonly [string, number][]): string {
  return listed(states.map(([state, times]) => `${times} ${state}`))
}

function toPeersText(sockets: readonly Socket[]): string {
  const hosts = sockets
    .map(({ peer }) => peer.replace(/:[^:]*$/, ''))
    .filter((host) => !/^(\*|0\.0\.0\.0|\[::\]|::)$/.test(host))
  return listed(tally(hosts).map(([host, times]) => `${host} (${times})`))
}

function parseSummary(text: string): Insight | undefined {
  const [total, established, closed, orphaned, waiting] =
    firstMatch(text, /^TCP:\s+(\d+) \(estab (\d+), closed (\d+), orphaned (\d+), timewait (\d+)\)/) ?? []
  if (total === undefined) return undefined
  return {
    severity: 'ok',
    headline: `${count(Number(established), 'TCP connection')} established`,
    facts: factsOf({ TCP: total, established, closed, orphaned, 'time-wait': waiting }),
  }
}
