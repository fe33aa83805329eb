import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { hasOption } from './arguments-of.ts'
import { firstMatch, linesOf, listed, matching } from './insight-helpers.ts'

/** Outcome of connecting to one port. `port` and `host` are undefined where the program doesn't print them. */
export type Attempt = {
  host: string | undefined
  port: string | undefined
  outcome: 'open' | 'refused' | 'silent' | 'no-route' | 'unreachable' | 'no-name'
}

/** What `nc -v` proves: the outcome for each port, in order. */
export type NcData = { attempts: readonly Attempt[] }

/** Reads ncat, and OpenBSD's nc. Of UDP, nothing is proven: a missing answer doesn't show whether the port is open. */
function readNc({ text, argv }: ToolOutput): NcData | undefined {
  if (argv.some((arg) => /^-[a-z]*u/i.test(arg) || arg === '--udp' || /^-[a-z]*l/.test(arg))) return undefined
  // Through a proxy, it is the proxy that is connected to.
  if (hasOption(argv, 'x', '--proxy') || hasOption(argv, 'X')) return undefined
  const attempts = linesOf(text).flatMap((line) => parseOpenBsd(line) ?? [])
  if (attempts.length > 0) return { attempts: withoutRetries(attempts) }
  const [connected] = firstMatch(text, /^Ncat: Connected to (\S+?)\.?$/) ?? []
  if (connected !== undefined) {
    const [, host = connected, port] = /^(.+):(\d+)$/.exec(connected) ?? []
    return { attempts: [{ host, port, outcome: 'open' }] }
  }
  const outcome = findNcatOutcome(text)
  return outcome === undefined ? undefined : { attempts: [{ host: undefined, port: undefined, outcome }] }
}

function parseOpenBsd(line: string): Attempt | undefined {
  const [, openHost, openPort] = /^Connection to (\S+) (?:\(\S+\) )?(\S+) port .*succeeded!$/.exec(line) ?? []
  if (openHost !== undefined) return { host: openHost, port: openPort, outcome: 'open' }
  const [, host, port, what = ''] =
    /^nc(?:\.openbsd)?: connect to (\S+) (?:\(\S+\) )?port (\d+) \(tcp\) (?:failed|timed out): (.+)$/.exec(line) ?? []
  if (host === undefined) return undefined
  const outcomes: Readonly<Record<string, Attempt['outcome']>> = {
    'Connection refused': 'refused',
    'Operation now in progress': 'silent',
    'Connection timed out': 'silent',
    'No route to host': 'no-route',
    'Network is unreachable': 'unreachable',
  }
  const outcome = outcomes[what]
  return outcome === undefined ? undefined : { host, port, outcome }
}

/** Leaves out failures of a port that is open by another address of the same host. */
function withoutRetries(attempts: readonly Attempt[]): Attempt[] {
  const key = ({ host, port }: Attempt) => `${host} ${port}`
  const open = new Set(attempts.filter(({ outcome }) => outcome === 'open').map(key))
  return attempts.filter((attempt) => attempt.outcome === 'open' || !open.has(key(attempt)))
}

function findNcatOutcome(text: string): Attempt['outcome'] | undefined {
  const said = matching(text, /^Ncat: (.+)$/).map(([what = '']) => what)
  if (said.includes('Connection refused.')) return 'refused'
  if (said.includes('TIMEOUT.') || said.includes('Connection timed out.')) return 'silent'
  if (said.includes('No route to host.')) return 'no-route'
  if (said.includes('Network is unreachable.')) return 'unreachable'
  return said.some((what) => what.startsWith('Could not resolve hostname ')) ? 'no-name' : undefined
}

const meanings: Readonly<Record<Exclude<Attempt['outcome'], 'open'>, string>> = {
  refused: 'Refused: the host answers, but nothing listens on that port (or a firewall rejects)',
  silent: 'No answer: filtered on the way, or the host is down',
  'no-route': '"No route to host": none from here, a firewall rejects, or the next hop does not answer ARP',
  unreachable: 'There is no route to that network from here',
  'no-name': "The name doesn't resolve",
}

function sayNc({ attempts }: NcData): Insight | undefined {
  const [first] = attempts
  if (first === undefined) return undefined
  if (attempts.length === 1) {
    return first.outcome === 'open'
      ? {
          severity: 'ok',
          headline: `${first.host}${first.port === undefined ? '' : `:${first.port}`} is open`,
          facts: [],
        }
      : { severity: 'bad', headline: meanings[first.outcome], facts: [] }
  }
  const words = { open: 'open', refused: 'refused', silent: 'silent' } as const
  const parts = Object.entries(words).flatMap(([outcome, word]) => {
    const ports = attempts.filter((attempt) => attempt.outcome === outcome).map(({ port = '' }) => port)
    return ports.length === 0 ? [] : [`${listed([...new Set(ports)], 6)} ${word}`]
  })
  const isOpen = attempts.every(({ outcome }) => outcome === 'open')
  const severity = isOpen ? 'ok' : attempts.some(({ outcome }) => outcome === 'open') ? 'warn' : 'bad'
  return parts.length === 0
    ? undefined
    : { severity, headline: `Ports of ${first.host}: ${parts.join('; ')}`, facts: [] }
}

/** Reader of `nc -v`: which ports are open. */
export const ncReader: Reader<NcData> = { read: readNc, say: sayNc }
export const ncInsight = interpretWith(ncReader)
