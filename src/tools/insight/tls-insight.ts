import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { count, secondsText } from '#core/util/units'
import { optionValues } from './arguments-of.ts'
import { daysUntil, factsOf, firstMatch, linesOf, matching } from './insight-helpers.ts'

/** Remaining days below which a certificate's severity is `warn`. */
const warnDays = 14
const secondsPerDay = 86_400

/** Remaining validity of a certificate: whole days (negative after its end), as text, and its severity. */
export type Expiry = { days: number; text: string; severity: Insight['severity'] }

/** Returns the remaining validity of a certificate; undefined where `notAfter` isn't a date. */
export function expiryOf(notAfter: string, at: string): Expiry | undefined {
  const days = daysUntil(notAfter, at)
  if (days === undefined) return undefined
  if (days < 0) return { days, text: `expired ${count(-days, 'day')} ago`, severity: 'bad' }
  return { days, text: `${count(days, 'day')} left`, severity: days < warnDays ? 'warn' : 'ok' }
}

/** What `openssl s_client`, `x509 -dates` and `x509 -checkend` prove. */
export type TlsData =
  | { kind: 'no-connection'; why: string | undefined }
  /** A connection without a TLS session: `why` is what went wrong. */
  | { kind: 'no-session'; why: 'not-tls' | 'refused' | 'closed'; said: string | undefined }
  /** A handshake with a certificate. `distrust`: why it isn't trusted; undefined where it is. */
  | { kind: 'session'; distrust: string | undefined; expiry: Expiry | undefined; details: Details }
  | { kind: 'certificates'; expiries: readonly Expiry[]; notYet: string | undefined; details: Details }
  | { kind: 'checked'; seconds: number; expires: boolean }

type Details = Readonly<Record<'until' | 'subject' | 'issuer' | 'protocol' | 'cipher', string | undefined>>

function readOpenssl(output: ToolOutput): TlsData | undefined {
  const { text, argv, at } = output
  const [checked] = firstMatch(text, /^Certificate (will|will not) expire$/) ?? []
  const [seconds] = optionValues(argv, '', '-checkend')
  if (checked !== undefined && seconds !== undefined && /^\d+$/.test(seconds))
    return { kind: 'checked', seconds: Number(seconds), expires: checked === 'will' }
  const [errno] = firstMatch(text, /^connect:errno=(\d+)$/) ?? []
  if (errno !== undefined) {
    const errors = errorsOf(text)
    const lookUp = errors.find(({ place }) => place === 'BIO_lookup_ex')
    const why = lookUp?.details ?? errors.find(({ place }) => place === 'BIO_connect')?.reason
    return { kind: 'no-connection', why }
  }
  if (linesOf(text).includes('no peer certificate available')) return readNoSession(text)
  return readSession(text, at) ?? readCertificates(text, at)
}

/** Reads a handshake that brought no certificate; undefined where a session exists without one (a pre-shared key). */
function readNoSession(text: string): TlsData | undefined {
  if (firstMatch(text, /^New, (\(NONE\)), Cipher is \(NONE\)$/) === undefined) return undefined
  const reasons = errorsOf(text).map(({ reason }) => reason)
  const alert = reasons.find((reason) => /\balert\b/.test(reason))
  if (alert !== undefined) return { kind: 'no-session', why: 'refused', said: alert }
  const isOther = reasons.some((reason) => otherProtocol.has(reason))
  return { kind: 'no-session', why: isOther ? 'not-tls' : 'closed', said: undefined }
}

/** Reasons of errors for bytes that are no TLS. */
const otherProtocol = new Set(['wrong version number', 'packet length too long', 'http request', 'unknown protocol'])

/** Returns OpenSSL's errors: `ID:error:CODE:LIBRARY:PLACE:REASON:FILE:LINE:DETAILS`. */
function errorsOf(text: string): { place: string; reason: string; details: string | undefined }[] {
  return linesOf(text).flatMap((line) => {
    const [, mark, , , place, reason, , , details] = line.split(':')
    return mark === 'error' && place !== undefined && reason !== undefined
      ? [{ place, reason, details: details === '' ? undefined : details }]
      : []
  })
}

function readSession(text: string, at: string): TlsData | undefined {
  const [code, meaning] = firstMatch(text, /^\s*Verify return code: (\d+) \((.+)\)$/) ?? []
  const isBrief = linesOf(text).includes('CONNECTION ESTABLISHED')
  const [problem] = firstMatch(text, /^Verification error: (.+)$/) ?? []
  const isBriefOk = isBrief && linesOf(text).includes('Verification: OK')
  if (code === undefined && !(isBrief && (problem !== undefined || isBriefOk))) return undefined
  // The first one of the chain is the server's own.
  const [notAfter] = firstMatch(text, /^\s+v:NotBefore: [^;]*; NotAfter: (.+)$/) ?? []
  return {
    kind: 'session',
    distrust: code === undefined ? problem : code === '0' ? undefined : (meaning ?? code),
    expiry: notAfter === undefined ? undefined : expiryOf(notAfter, at),
    details: detailsOf(text, notAfter),
  }
}

function readCertificates(text: string, at: string): TlsData | undefined {
  const ends = matching(text, /^(?:notAfter=|\s+Not After ?: )(.+)$/).map(([end = '']) => end)
  const expiries = ends.flatMap((end) => expiryOf(end, at) ?? [])
  if (expiries.length === 0 || expiries.length !== ends.length) return undefined
  const begins = matching(text, /^(?:notBefore=|\s+Not Before ?: )(.+)$/).map(([begin = '']) => begin)
  const notYet = begins.find((begin) => Date.parse(begin) > Date.parse(at))
  return { kind: 'certificates', expiries, notYet, details: detailsOf(text, ends.length === 1 ? ends[0] : undefined) }
}

function detailsOf(text: string, until: string | undefined): Details {
  const first = (pattern: RegExp) => firstMatch(text, pattern)?.[0]
  const [version, cipher] = firstMatch(text, /^New, (\S+), Cipher is (\S+)$/) ?? []
  return {
    until,
    subject: first(/^subject=\s*(\S.*)/) ?? first(/^Peer certificate: (.+)$/),
    issuer: first(/^issuer=\s*(\S.*)/),
    protocol: version ?? first(/^Protocol version: (\S+)$/),
    cipher: cipher ?? first(/^Ciphersuite: (\S+)$/),
  }
}

function sayOpenssl(data: TlsData): Insight {
  switch (data.kind) {
    case 'no-connection':
      return {
        severity: 'bad',
        headline: `No connection, so no TLS handshake${data.why === undefined ? '' : `: ${data.why}`}`,
        facts: [],
      }
    case 'no-session':
      return { severity: 'bad', headline: sayNoSession(data), facts: [] }
    case 'checked':
      return sayChecked(data)
    case 'session':
      return saySession(data)
    case 'certificates':
      return sayCertificates(data)
  }
}

function sayNoSession({ why, said }: Extract<TlsData, { kind: 'no-session' }>): string {
  if (why === 'not-tls') return 'No TLS on that port: something answers, but not with TLS, so no certificate came'
  if (why === 'refused') return `The server refuses the TLS handshake: ${said}`
  return 'The connection ended during the TLS handshake: no certificate came'
}

function sayChecked({ seconds, expires }: Extract<TlsData, { kind: 'checked' }>): Insight {
  const days = seconds / secondsPerDay
  const time = Number.isInteger(days) && days > 0 ? count(days, 'day') : secondsText(seconds)
  if (seconds === 0) {
    return expires
      ? { severity: 'bad', headline: 'The certificate has expired', facts: [] }
      : { severity: 'ok', headline: 'The certificate has not expired', facts: [] }
  }
  return expires
    ? { severity: 'warn', headline: `The certificate expires within ${time}, or has expired`, facts: [] }
    : { severity: 'ok', headline: `The certificate stays valid for ${time} at least`, facts: [] }
}

function saySession({ distrust, expiry, details }: Extract<TlsData, { kind: 'session' }>): Insight {
  const facts = toFacts(details, expiry)
  if (distrust !== undefined) return { severity: 'bad', headline: `The certificate is not trusted: ${distrust}`, facts }
  const left = expiry === undefined ? '' : `, ${expiry.text}`
  return { severity: expiry?.severity ?? 'ok', headline: `The certificate is trusted${left}`, facts }
}

function sayCertificates({ expiries, notYet, details }: Extract<TlsData, { kind: 'certificates' }>): Insight {
  const [worst, ...others] = expiries.toSorted((a, b) => a.days - b.days)
  const facts = toFacts(details, others.length === 0 ? worst : undefined)
  const severity = worst?.severity ?? 'ok'
  const which = others.length === 0 ? 'The certificate' : `${expiries.length} certificates, the first to end`
  if (notYet !== undefined && severity !== 'bad') {
    const what = others.length === 0 ? 'The certificate' : `One of ${expiries.length} certificates`
    return { severity: 'bad', headline: `${what} is not valid yet: only from ${notYet}`, facts }
  }
  return { severity, headline: `${which}: ${worst?.text ?? ''}`, facts }
}

function toFacts(details: Details, expiry: Expiry | undefined): Insight['facts'] {
  const known = (value: string | undefined) => (value === '(NONE)' ? undefined : value)
  return factsOf({
    certificate: expiry?.text,
    until: details.until,
    subject: details.subject,
    issuer: details.issuer,
    protocol: known(details.protocol),
    cipher: known(details.cipher),
  })
}

/** Reader of `openssl s_client` and `openssl x509`: trust, validity and protocol. */
export const opensslReader: Reader<TlsData> = { read: readOpenssl, say: sayOpenssl }
export const opensslInsight = interpretWith(opensslReader)
