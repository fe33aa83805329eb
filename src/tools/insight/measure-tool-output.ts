import type { MeasureOutput } from '#core/triage/measures'
import { defined } from '#core/util/defined'
import { conntrackReader } from './conntrack-insight.ts'
import { curlReader } from './curl-insight.ts'
import { digReader } from './dns-insight.ts'
import { iptablesReader, nftReader } from './firewall-insight.ts'
import { journalctlReader } from './journal-insight.ts'
import { ncReader } from './nc-insight.ts'
import { pingReader } from './ping-insight.ts'
import { ssReader } from './sockets-insight.ts'
import { systemctlReader } from './systemctl-insight.ts'
import { opensslReader } from './tls-insight.ts'

/** Measures an answer of DNS: `status` is `none` where no server answered; `server`, `ms`, and tries without an answer. */
export const measureDns: MeasureOutput = (output) => {
  const data = digReader.read(output)
  if (data?.kind === 'no-server')
    return {
      status: 'none',
      server: data.noServer.server ?? '',
      said: data.noServer.why ?? 'no answer',
      failedTries: 1,
    }
  if (data?.kind !== 'message') return undefined
  const { status, server = '', milliseconds, failedTries, answers } = data.message
  return {
    ...{ status, server, said: status, failedTries },
    answers: answers.length,
    ...defined({ ms: milliseconds }),
  }
}

/** Measures a ping: packets sent, received and lost, the mean time, and why none was sent. */
export const measurePing: MeasureOutput = (output) => {
  const data = pingReader.read(output)
  if (data === undefined) return undefined
  if (data.kind === 'not-sent') return { sent: 0, received: 0, lost: 0, local: data.said }
  const { host, sent, received, avg, local, mtu } = data
  return {
    ...{ host, sent, received, lost: sent - received },
    ...defined({ ms: avg, local, mtu }),
  }
}

/** Measures sockets: the summary's numbers, or listeners whose queue is full. */
export const measureSs: MeasureOutput = (output) => {
  const data = ssReader.read(output)
  if (data === undefined) return undefined
  if (data.kind === 'summary') {
    const { total, established, closed, orphaned, timeWait } = data
    return { total, established, closed, orphaned, timeWait }
  }
  const listeners = data.sockets.filter(({ state }) => state === 'LISTEN')
  const queues = listeners.map(({ received, room, local }) => ({
    local,
    share: room > 0 ? received / room : 0,
    received,
    room,
  }))
  const fullest = queues.toSorted((one, other) => other.share - one.share)[0]
  return {
    sockets: data.sockets.length,
    listeners: listeners.length,
    full: queues.filter(({ received, room }) => room > 0 && received >= room).map(({ local }) => local),
    fullest: fullest?.share ?? 0,
    local: fullest?.local ?? '',
    queued: fullest?.received ?? 0,
    backlog: fullest?.room ?? 0,
  }
}

/** Measures `conntrack -S`: connections that were lost; `-C`: their number. */
export const measureConntrack: MeasureOutput = (output) => {
  const data = conntrackReader.read(output)
  if (data?.kind === 'statistics') return data.counters
  return data?.kind === 'count' ? { entries: data.entries } : undefined
}

/** Measures states of units: those that failed. */
export const measureSystemctl: MeasureOutput = (output) => {
  const data = systemctlReader.read(output)
  if (data?.kind === 'states')
    return {
      units: data.units.length,
      failed: data.units.filter(({ state }) => state === 'failed').map(({ unit }) => unit),
    }
  return data?.kind === 'list' && data.showsFailed ? { units: data.total, failed: data.failed } : undefined
}

/** Measures a TLS handshake: days until the certificate ends. */
export const measureTls: MeasureOutput = (output) => {
  const data = opensslReader.read(output)
  if (data?.kind === 'session')
    return {
      session: 'yes',
      ...(data.expiry === undefined ? {} : { days: data.expiry.days }),
      until: data.details.until ?? '',
    }
  if (data?.kind === 'certificates') return { session: 'yes', days: Math.min(...data.expiries.map(({ days }) => days)) }
  return data?.kind === 'no-session' || data?.kind === 'no-connection' ? { session: 'no', said: data.kind } : undefined
}

/** Errors of curl that only a connection can have: what came was no HTTP, nothing, or broke. Source: curl(1), "EXIT CODES". */
const afterConnecting: ReadonlySet<number> = new Set([1, 8, 18, 35, 52, 55, 56])

/**
 * Measures a transfer: `answered` is `no` where no answer of HTTP came, with why; any status is an answer. `connected`: whether
 * a server accepted the connection, also where it doesn't speak HTTP; `silent`: it did, and said nothing in time.
 */
export const measureCurl: MeasureOutput = (output) => {
  const data = curlReader.read(output)
  if (data === undefined) return undefined
  const { error, said, status, isUnanswered, times } = data
  const answered = status !== undefined && !isUnanswered
  const silent = error === 28 && said?.startsWith('Operation timed out') === true
  const connected = answered || silent || (error !== undefined && afterConnecting.has(error))
  return {
    answered: answered ? 'yes' : 'no',
    ...(connected || error === 7 || error === 28 ? { connected: connected ? 'yes' : 'no' } : {}),
    silent: silent ? 'yes' : 'no',
    said: said ?? (error === undefined ? '' : `curl error ${error}`),
    ...defined({ status, ms: times.total }),
  }
}

/** Measures attempts to connect to ports: names of those that failed. */
export const measureNc: MeasureOutput = (output) => {
  const data = ncReader.read(output)
  if (data === undefined) return undefined
  const failed = data.attempts.filter(({ outcome }) => outcome !== 'open')
  return {
    open: data.attempts.length - failed.length,
    refused: failed.length,
    said: failed[0]?.outcome ?? 'open',
  }
}

/** Measures firewall rules: their number, and packets that rules and policies have dropped. */
export const measureIptables: MeasureOutput = (output) => measureRules(iptablesReader.read(output))
export const measureNft: MeasureOutput = (output) => measureRules(nftReader.read(output))

function measureRules(data: ReturnType<typeof iptablesReader.read>): ReturnType<MeasureOutput> {
  if (data?.kind !== 'rules') return undefined
  const dropped = [...data.drops, ...data.dropPolicies].flatMap(({ packets }) => packets ?? [])
  const biggest = data.drops.toSorted((one, other) => (other.packets ?? 0) - (one.packets ?? 0))[0]
  return {
    rules: data.rules,
    chains: data.chains.size,
    dropped: dropped.reduce((sum, packets) => sum + packets, 0),
    rule: biggest === undefined ? '' : `${biggest.chain} ${biggest.what}`,
  }
}

/** Measures a journal: its entries. */
export const measureJournal: MeasureOutput = (output) => {
  if (/^-- No entries --$/m.test(output.text) || (output.text === '' && output.exit === 1))
    return { entries: 0, message: '' }
  const entries = journalctlReader.read(output)?.entries
  return entries === undefined ? undefined : { entries: entries.length, message: entries.at(-1)?.message ?? '' }
}
