import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { daysUntil, factsOf, firstMatch } from './lines.ts'

/** Days before its end at which a certificate deserves a word. */
const soon = 14

/** How long a certificate is still good for, and how serious that is. */
export function expiryOf(
  notAfter: string,
  at: string,
): { days: number; text: string; severity: Insight['severity'] } | undefined {
  const days = daysUntil(notAfter, at)
  if (days === undefined) return undefined
  if (days < 0) return { days, text: `expired ${count(-days, 'day')} ago`, severity: 'bad' }
  return { days, text: `${count(days, 'day')} left`, severity: days < soon ? 'warn' : 'ok' }
}

/** A handshake by `openssl s_client`, or the dates of `openssl x509`. */
export const opensslInsight: ReadOutput = ({ text, at }) => {
  const [notAfter] = firstMatch(text, /(?:^notAfter=|NotAfter: |^\s+Not After : )(.+?)$/) ?? []
  const expiry = notAfter === undefined ? undefined : expiryOf(notAfter, at)
  const [code, meaning] = firstMatch(text, /^\s*Verify return code: (\d+) \((.+)\)$/) ?? []
  const [errno] = firstMatch(text, /^connect:errno=(\d+)$/) ?? []
  if (errno !== undefined) return { severity: 'bad', headline: 'No connection: nothing to shake hands with', facts: [] }
  if (code === undefined && expiry === undefined) return undefined
  const [version, cipher] = firstMatch(text, /^New, (\S+), Cipher is (\S+)$/) ?? []
  const [subject] = firstMatch(text, /^subject=\s*(.+)$/) ?? []
  const [issuer] = firstMatch(text, /^issuer=\s*(.+)$/) ?? []
  const trusted = code === undefined || code === '0'
  const severity = !trusted || expiry?.severity === 'bad' ? 'bad' : (expiry?.severity ?? 'ok')
  return {
    severity,
    headline: headline(trusted ? undefined : (meaning ?? code), expiry?.text),
    facts: factsOf({
      certificate: expiry?.text,
      until: notAfter,
      subject,
      issuer,
      protocol: version === '(NONE)' ? undefined : version,
      cipher: cipher === '(NONE)' ? undefined : cipher,
    }),
  }
}

function headline(distrust: string | undefined, left: string | undefined): string {
  if (distrust !== undefined) return `The certificate is not trusted: ${distrust}`
  return left === undefined ? 'The certificate is trusted' : `The certificate: ${left}`
}
