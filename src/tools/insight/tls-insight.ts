import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { daysUntil, factsOf, firstMatch } from './match-lines.ts'

/** Remaining days below which a certificate's severity is `warn`. */
const warnDays = 14

/**
 * Returns the remaining validity of a certificate in whole days (negative after its end), as text, and its severity.
 * Undefined where `notAfter` isn't a date.
 */
export function expiryOf(
  notAfter: string,
  at: string,
): { days: number; text: string; severity: Insight['severity'] } | undefined {
  const days = daysUntil(notAfter, at)
  if (days === undefined) return undefined
  if (days < 0) return { days, text: `expired ${count(-days, 'day')} ago`, severity: 'bad' }
  return { days, text: `${count(days, 'day')} left`, severity: days < warnDays ? 'warn' : 'ok' }
}

/** Reports trust, validity and protocol from `openssl s_client`, or the validity from `openssl x509`. */
export const opensslInsight: ReadOutput = ({ text, at }) => {
  const [notAfter] = firstMatch(text, /(?:^notAfter=|NotAfter: |^\s+Not After : )(.+)/) ?? []
  const expiry = notAfter === undefined ? undefined : expiryOf(notAfter, at)
  const [code, meaning] = firstMatch(text, /^\s*Verify return code: (\d+) \((.+)\)$/) ?? []
  const [errno] = firstMatch(text, /^connect:errno=(\d+)$/) ?? []
  if (errno !== undefined) return { severity: 'bad', headline: 'No connection, so no TLS handshake', facts: [] }
  if (code === undefined && expiry === undefined) return undefined
  const [version, cipher] = firstMatch(text, /^New, (\S+), Cipher is (\S+)$/) ?? []
  const [subject] = firstMatch(text, /^subject=\s*(\S.*)/) ?? []
  const [issuer] = firstMatch(text, /^issuer=\s*(\S.*)/) ?? []
  const trusted = code === undefined || code === '0'
  const severity = !trusted || expiry?.severity === 'bad' ? 'bad' : (expiry?.severity ?? 'ok')
  return {
    severity,
    headline: toHeadline(trusted ? undefined : (meaning ?? code), expiry?.text),
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

function toHeadline(distrust: string | undefined, left: string | undefined): string {
  if (distrust !== undefined) return `The certificate is not trusted: ${distrust}`
  return left === undefined ? 'The certificate is trusted' : `The certificate: ${left}`
}
