import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { defined } from '#core/util/defined'
import { curlOptions, urlsOf } from '../curl-options.ts'
import { type Arguments, isGiven, readArguments, valuesOf } from '../kit/arguments.ts'
import { parseWriteOut } from './curl-write-out.ts'
import { factsOf, firstMatch, matching, millisecondsText, type Verdict } from './insight-helpers.ts'
import { type Expiry, expiryOf } from './tls-insight.ts'

/** What one transfer of `curl` proves. Times in milliseconds since the start of the request. */
export type CurlData = {
  /** Exit code of curl, other than 0: from its message, or from the program. */
  error?: number
  /** What curl says about the error. */
  said?: string
  /** Status of the last answer; undefined where there was none or it isn't printed. */
  status?: number
  /** True where curl reports that no HTTP answer came (`%{http_code}` of 000) from an HTTP server. */
  isUnanswered: boolean
  times: Partial<Record<CurlStep, number>>
  protocol?: string
  /** Why the certificate isn't trusted, where that is ignored (`-k`). */
  distrust?: string
  certificate?: Expiry
}

type CurlStep = 'namelookup' | 'connect' | 'appconnect' | 'starttransfer' | 'total'

/** Explanations of curl's common exit codes. Source: curl(1), "EXIT CODES". */
const errors: Readonly<Record<number, string>> = {
  3: 'The URL is malformed',
  5: "The proxy's name doesn't resolve",
  6: "The name doesn't resolve",
  7: 'No connection',
  18: 'The transfer ended before all was received',
  28: 'No answer in time',
  35: 'The TLS handshake failed',
  47: 'Redirect loop',
  51: "The certificate isn't for this name",
  52: 'The server closed the connection without an answer',
  55: 'The connection broke while sending',
  56: 'The connection broke while receiving',
  60: "The server's certificate is not trusted",
}

const steps: Readonly<Record<CurlStep, string>> = {
  namelookup: 'DNS',
  connect: 'connect',
  appconnect: 'TLS',
  starttransfer: 'first byte',
  total: 'total',
}

/** Milliseconds from which looking up a name or connecting is worth a warning: a lost packet is sent again after 1 s. */
const slowMs = 1_000

function readCurl({ text, argv, exit, at }: ToolOutput): CurlData | undefined {
  const given = readArguments(argv.slice(1), curlOptions)
  const urls = urlsOf(given)
  // Several transfers have several results; curl's exit code is that of the last one.
  if (urls.length > 1 || isGiven(given, '-:') || urls.some(isGlob)) return undefined
  const written = parseWriteOut(text, valuesOf(given, '-w').at(-1))
  const { code, said } = findError(text, exit)
  const trace = isGiven(given, '-v') ? readTrace(text, at) : {}
  const status = trace.status ?? findStatus(text, given)
  const code3 = written.get('http_code') ?? written.get('response_code')
  const isHttp = urls.every((url) => !url.includes('://') || /^https?:/i.test(url))
  const isUnanswered = code3 === '000' && isHttp && exit !== 0
  const known = status ?? (code3 === undefined || code3 === '000' ? undefined : Number(code3))
  // A page without any of it, or a file.
  if (code === undefined && known === undefined && !isUnanswered && (written.size === 0 || exit !== 0)) return undefined
  if (code3 === '000' && exit === 0) return undefined
  return {
    ...trace,
    ...defined({ error: code, said, status: known }),
    isUnanswered,
    times: toTimes(written),
  }
}

/** Returns true for an address that curl expands to several: `{a,b}`, `[1-9]`; an IPv6 address in brackets has no dash. */
function isGlob(url: string): boolean {
  const bracket = url.indexOf('[')
  return url.includes('{') || (bracket !== -1 && url.slice(bracket, url.indexOf(']', bracket) + 1).includes('-'))
}

/** Returns curl's error. A page may hold such a line too: it counts only where the exit code isn't another one. */
function findError(text: string, exit: number | undefined): { code?: number; said?: string } {
  if (exit === 0) return {}
  const [code, said] = matching(text, /^curl: \((\d+)\) (.+)$/).at(-1) ?? []
  if (code !== undefined && said !== undefined && (exit === undefined || exit === Number(code)))
    return { code: Number(code), said }
  return exit !== undefined && (errors[exit] !== undefined || exit === 22) ? { code: exit } : {}
}

/** Reads what `-v` prints about the TLS connection, and the status of the last answer. */
function readTrace(text: string, at: string): Pick<CurlData, 'status' | 'protocol' | 'distrust' | 'certificate'> {
  const [status] = matching(text, /^< HTTP\/[\d.]+ (\d{3})\b/).at(-1) ?? []
  const [protocol] = firstMatch(text, /^\* SSL connection using (\S+)/) ?? []
  const [distrust] = firstMatch(text, /^\*\s+SSL certificate verify result: (.+?) \(\d+\), continuing anyway/) ?? []
  const [expires] = firstMatch(text, /^\*\s+expire date: (.+)$/) ?? []
  const certificate = expires === undefined ? undefined : expiryOf(expires, at)
  return {
    ...(status === undefined ? {} : { status: Number(status) }),
    ...defined({ protocol, distrust, certificate }),
  }
}

/** Returns the last HTTP status of the headers at the start of the output (`-i`, `-I`, `-D -`). */
function findStatus(text: string, given: Arguments): number | undefined {
  if (!isGiven(given, '-i', '-I') && !valuesOf(given, '-D').some((file) => file === '-' || file === '/dev/stdout'))
    return undefined
  if (!text.startsWith('HTTP/')) return undefined
  const isTunnelled = isGiven(given, '-x', '--preproxy')
  let status: number | undefined
  for (const head of text.split(/\n\s*\n/)) {
    const [, code] = /^HTTP\/[\d.]+ (\d{3})\b/.exec(head) ?? []
    if (code === undefined) return status
    // Another header block follows after "100 Continue", a redirect, a challenge, and a proxy's own answer; else it is the body.
    const mayFollow =
      status === undefined || status < 200 || (status >= 300 && status < 400) || status === 401 || isTunnelled
    if (!mayFollow) return status
    status = Number(code)
  }
  return status
}

function toTimes(written: ReadonlyMap<string, string>): CurlData['times'] {
  return Object.fromEntries(
    Object.keys(steps).flatMap((step) => {
      const value = written.get(`time_${step}`)
      if (value === undefined || !/^\d+\.\d+$/.test(value)) return []
      // curl reports 0 for the TLS step where there was no TLS.
      return step === 'appconnect' && Number(value) === 0 ? [] : [[step, Number(value) * 1_000]]
    }),
  )
}

function sayCurl(data: CurlData): Insight {
  const { status, times, protocol, certificate, distrust } = data
  return {
    ...toVerdict(data),
    facts: factsOf({
      status: status === undefined ? undefined : String(status),
      ...Object.fromEntries(
        Object.entries(times).map(([step, ms]) => [steps[step as CurlStep], `after ${millisecondsText(ms)}`]),
      ),
      TLS: protocol,
      certificate: certificate?.text,
      trust: distrust,
    }),
  }
}

function toVerdict(data: CurlData): Verdict {
  const { error, status, distrust, certificate } = data
  if (error !== undefined) return sayError(error, data)
  if (data.isUnanswered) return { severity: 'bad', headline: 'No answer came: curl reports code 000' }
  if (status === undefined) return { severity: 'ok', headline: 'Fetched' }
  if (status >= 400) return sayRefusal(status)
  if (distrust !== undefined)
    return { severity: 'warn', headline: `Answers ${status}, but its certificate isn't trusted` }
  if (certificate !== undefined && certificate.severity !== 'ok') {
    return { severity: certificate.severity, headline: `Answers ${status}; its certificate: ${certificate.text}` }
  }
  const slow = findSlowStep(data.times)
  if (slow !== undefined) return { severity: 'warn', headline: `Answers ${status}, but ${slow}` }
  if (status === 304) return { severity: 'ok', headline: 'Answers 304: not modified' }
  return { severity: 'ok', headline: status >= 300 ? `Answers ${status}: a redirect` : `Answers ${status}` }
}

function findSlowStep({ namelookup = 0, connect = 0 }: CurlData['times']): string | undefined {
  if (namelookup >= slowMs) return `DNS took ${millisecondsText(namelookup)}`
  return connect - namelookup >= slowMs ? `it took ${millisecondsText(connect - namelookup)} to connect` : undefined
}

function sayError(error: number, { said = '', isUnanswered }: CurlData): Verdict {
  const [, tunnel] = /(?:CONNECT tunnel failed, response|Received HTTP code) (\d{3})/.exec(said) ?? []
  if (tunnel !== undefined) return { severity: 'bad', headline: `The proxy answers ${tunnel}: ${said}` }
  if (error === 22) {
    const [, code] = /returned error: (\d{3})/.exec(said) ?? []
    return code === undefined
      ? { severity: 'bad', headline: 'The server answers with 400 or more; without `-f`, curl shows which' }
      : sayRefusal(Number(code))
  }
  const meaning =
    error === 7 && said.includes('Connection refused') ? 'Nothing accepts connections there' : errors[error]
  const rest = said === '' ? (isUnanswered ? ', so no answer came (code 000)' : '') : `: ${said}`
  return { severity: 'bad', headline: meaning === undefined ? said || `curl failed: ${error}` : `${meaning}${rest}` }
}

/** Explanations of statuses of refusal. Source: RFC 9110, RFC 6585. */
const refusals: Readonly<Record<number, string>> = {
  400: 'it does not understand the request',
  401: 'it wants to know who asks',
  403: 'this is not allowed',
  404: 'there is nothing under that path',
  405: 'not with this method',
  407: 'the proxy wants to know who asks',
  408: 'the request came too slowly',
  410: 'it is gone',
  421: 'it is not responsible for that host',
  429: 'too many requests',
}

function sayRefusal(status: number): Verdict {
  if (status >= 500) return { severity: 'bad', headline: `The server answers ${status}: an error on its side` }
  return {
    severity: 'warn',
    headline: `The server answers ${status}: ${refusals[status] ?? 'it does not accept the request'}`,
  }
}

/** Reader of `curl`: status, times and the certificate of one transfer. */
export const curlReader: Reader<CurlData> = { read: readCurl, say: sayCurl }
export const curlInsight = interpretWith(curlReader)
