import type { ReadOutput } from '#core/request/insight'
import { firstMatch } from './match-lines.ts'

/**
 * Reports whether a port is open, from ncat or OpenBSD's nc with `-v`. Returns undefined for UDP, where a missing answer
 * doesn't show whether the port is open.
 */
export const ncInsight: ReadOutput = ({ text, argv }) => {
  if (argv.some((arg) => /^-[a-z]*u/i.test(arg) || arg === '--udp' || /^-[a-z]*l/.test(arg))) return undefined
  const [connected] = firstMatch(text, /^Ncat: Connected to (\S+?)\.?$/) ?? []
  const [host, port] = firstMatch(text, /^Connection to (\S+) (\S+) port .*succeeded!$/) ?? []
  const open = connected ?? (host === undefined ? undefined : `${host}:${port}`)
  if (open !== undefined) return { severity: 'ok', headline: `${open} is open`, facts: [] }
  if (/^(?:Ncat: Connection refused\.|.*\(tcp\) failed: Connection refused)$/m.test(text)) {
    return {
      severity: 'bad',
      headline: 'Refused: the host answers, but nothing listens on that port (or a firewall rejects)',
      facts: [],
    }
  }
  if (/^(?:Ncat: TIMEOUT\.|Ncat: Connection timed out\.|.*\(tcp\) timed out: .+)$/m.test(text)) {
    return { severity: 'bad', headline: 'No answer: filtered on the way, or the host is down', facts: [] }
  }
  if (/^Ncat: (?:No route to host|Network is unreachable)\.$/m.test(text)) {
    return { severity: 'bad', headline: 'There is no route to that host from here', facts: [] }
  }
  return undefined
}
