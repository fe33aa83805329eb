import type { Insight, ReadOutput } from '#core/request/insight'
import { factsOf, firstMatch, matching, millisecondsText } from './lines.ts'
import { expiryOf } from './tls-insight.ts'

/** curl's exit codes that people meet, in words. Source: curl(1), "EXIT CODES". */
const errors: Readonly<Record<string, string>> = {
  '5': "The proxy's name doesn't resolve",
  '6': "The name doesn't resolve",
  '7': 'Nothing accepts connections there',
  '28': 'No answer in time',
  '35': 'The TLS handshake failed',
  '47': 'Redirected in a circle',
  '51': "The certificate isn't for this name",
  '52': 'The server closed the connection without an answer',
  '55': 'The connection broke while sending',
  '56': 'The connection broke while receiving',
  '60': "The server's certificate is not trusted",
}

/** The status of what `curl` fetched, times, and how long the certificate is good for. */
export const curlInsight: ReadOutput = ({ text, argv, at }) => {
  const written = writeOut(text, argv)
  const [error, said] = matching(text, /^curl: \((\d+)\) (.+)$/).at(-1) ?? []
  const status = statusOf(text) ?? codeIn(written)
  const [expires] = firstMatch(text, /^\*\s+expire date: (.+)$/) ?? []
  const expiry = expires === undefined ? undefined : expiryOf(expires, at)
  const [distrust] = firstMatch(text, /^\*\s+SSL certificate verify result: (.+?) \(\d+\), continuing anyway/) ?? []
  const [protocol] = firstMatch(text, /^\* SSL connection using (\S+)/) ?? []
  if (error === undefined && status === undefined && written.size === 0) return undefined
  return {
    ...verdict({ error, said, status: status === '000' ? undefined : status, distrust, expiry }),
    facts: factsOf({
      status: status === '000' ? undefined : status,
      ...times(written),
      TLS: protocol,
      certificate: expiry === undefined ? undefined : expiry.text,
      trust: distrust,
    }),
  }
}

function codeIn(written: ReadonlyMap<string, string>): string | undefined {
  const code = written.get('http_code') ?? written.get('response_code') ?? ''
  return /^\d{3}$/.test(code) ? code : undefined
}

type Found = {
  error: string | undefined
  said: string | undefined
  status: string | undefined
  distrust: string | undefined
  expiry: ReturnType<typeof expiryOf>
}

function verdict({ error, said, status, distrust, expiry }: Found): Pick<Insight, 'severity' | 'headline'> {
  if (error !== undefined) {
    const meaning = errors[error]
    return {
      severity: 'bad',
      headline: meaning === undefined ? (said ?? `curl failed: ${error}`) : `${meaning}: ${said}`,
    }
  }
  if (status === undefined) return { severity: 'ok', headline: 'Fetched' }
  const number = Number(status)
  if (number >= 500) return { severity: 'bad', headline: `The server answers ${status}: it has trouble of its own` }
  if (number >= 400) return { severity: 'warn', headline: `The server answers ${status}: it refuses this request` }
  if (distrust !== undefined)
    return { severity: 'warn', headline: `Answers ${status}, but its certificate isn't trusted` }
  if (expiry !== undefined && expiry.severity !== 'ok') {
    return { severity: expiry.severity, headline: `Answers ${status}; its certificate: ${expiry.text}` }
  }
  return { severity: 'ok', headline: number >= 300 ? `Answers ${status}: look elsewhere` : `Answers ${status}` }
}

/** The last status: of a verbose trace (`< HTTP/…`), or of headers at the very beginning (`-i`, `-I`). */
function statusOf(text: string): string | undefined {
  const traced = matching(text, /^< HTTP\/[\d.]+ (\d{3})\b/).at(-1)?.[0]
  if (traced !== undefined || !text.startsWith('HTTP/')) return traced
  // Behind a redirect or a "100 Continue" stands the next head; a body that begins like one is still a body.
  let status: string | undefined
  for (const head of text.split(/\n\s*\n/)) {
    const [, code] = /^HTTP\/[\d.]+ (\d{3})\b/.exec(head) ?? []
    if (code === undefined) return status
    status = code
  }
  return status
}

/** What `-w` was asked to write, read back by its own format; empty where that isn't found at the end of the output. */
function writeOut(text: string, argv: readonly string[]): Map<string, string> {
  const at = argv.findIndex((word) => word === '-w' || word === '--write-out')
  const format = at === -1 ? undefined : argv[at + 1]
  if (format === undefined || format.length > 500) return new Map()
  const pattern = format
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .split(/(%\{\w+\})/)
    .map((part, index) => {
      const [, name] = /^%\{(\w+)\}$/.exec(part) ?? []
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      // A look-ahead with its own group doesn't try again with less: a hostile output can't keep this busy.
      return `(?=(?<${name}_${index}>[^\\s,;|"}]*))\\k<${name}_${index}>`
    })
    .join('')
  const found = new RegExp(`${pattern.replace(/\n+$/, '')}\\n*$`).exec(text.slice(-2_000))
  return new Map(Object.entries(found?.groups ?? {}).map(([name, value]) => [name.replace(/_\d+$/, ''), value]))
}

/** What each step took, from the times since the beginning that curl counts. */
function times(written: ReadonlyMap<string, string>): Record<string, string | undefined> {
  const since = (name: string) => {
    const value = written.get(`time_${name}`)
    return value === undefined || !/^\d+\.\d+$/.test(value) ? undefined : Number(value) * 1_000
  }
  const steps = ['namelookup', 'connect', 'appconnect', 'starttransfer', 'total'] as const
  const names = {
    namelookup: 'DNS',
    connect: 'connect',
    appconnect: 'TLS',
    starttransfer: 'first byte',
    total: 'total',
  }
  return Object.fromEntries(
    steps.map((step) => {
      const value = since(step)
      // Without TLS its time is 0.
      return [
        names[step],
        value === undefined || (step === 'appconnect' && value === 0) ? undefined : `after ${millisecondsText(value)}`,
      ]
    }),
  )
}
