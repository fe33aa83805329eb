import type { Insight, ReadOutput } from '#core/request/insight'
import { factsOf, firstMatch, matching, millisecondsText } from './match-lines.ts'
import { expiryOf } from './tls-insight.ts'

/** Explanations of curl's common exit codes. Source: curl(1), "EXIT CODES". */
const errors: Readonly<Record<string, string>> = {
  '5': "The proxy's name doesn't resolve",
  '6': "The name doesn't resolve",
  '7': 'Nothing accepts connections there',
  '28': 'No answer in time',
  '35': 'The TLS handshake failed',
  '47': 'Redirect loop',
  '51': "The certificate isn't for this name",
  '52': 'The server closed the connection without an answer',
  '55': 'The connection broke while sending',
  '56': 'The connection broke while receiving',
  '60': "The server's certificate is not trusted",
}

/** Reports the HTTP status, the times and the remaining validity of the certificate from `curl`'s output. */
export const curlInsight: ReadOutput = ({ text, argv, at }) => {
  const written = parseWriteOut(text, argv)
  const [error, said] = matching(text, /^curl: \((\d+)\) (.+)$/).at(-1) ?? []
  const status = findStatus(text) ?? findCode(written)
  const [expires] = firstMatch(text, /^\*\s+expire date: (.+)$/) ?? []
  const expiry = expires === undefined ? undefined : expiryOf(expires, at)
  const [distrust] = firstMatch(text, /^\*\s+SSL certificate verify result: (.+?) \(\d+\), continuing anyway/) ?? []
  const [protocol] = firstMatch(text, /^\* SSL connection using (\S+)/) ?? []
  if (error === undefined && status === undefined && written.size === 0) return undefined
  return {
    ...toVerdict({ error, said, status: status === '000' ? undefined : status, distrust, expiry }),
    facts: factsOf({
      status: status === '000' ? undefined : status,
      ...toTimes(written),
      TLS: protocol,
      certificate: expiry === undefined ? undefined : expiry.text,
      trust: distrust,
    }),
  }
}

function findCode(written: ReadonlyMap<string, string>): string | undefined {
  const code = written.get('http_code') ?? written.get('response_code') ?? ''
  return /^\d{3}$/.test(code) ? code : undefined
}

type Findings = {
  error: string | undefined
  said: string | undefined
  status: string | undefined
  distrust: string | undefined
  expiry: ReturnType<typeof expiryOf>
}

function toVerdict({ error, said, status, distrust, expiry }: Findings): Pick<Insight, 'severity' | 'headline'> {
  if (error !== undefined) {
    const meaning = errors[error]
    return {
      severity: 'bad',
      headline: meaning === undefined ? (said ?? `curl failed: ${error}`) : `${meaning}: ${said}`,
    }
  }
  if (status === undefined) return { severity: 'ok', headline: 'Fetched' }
  const number = Number(status)
  if (number >= 500) return { severity: 'bad', headline: `The server answers ${status}: an error on its side` }
  if (number >= 400) return { severity: 'warn', headline: `The server answers ${status}: it refuses this request` }
  if (distrust !== undefined)
    return { severity: 'warn', headline: `Answers ${status}, but its certificate isn't trusted` }
  if (expiry !== undefined && expiry.severity !== 'ok') {
    return { severity: expiry.severity, headline: `Answers ${status}; its certificate: ${expiry.text}` }
  }
  return { severity: 'ok', headline: number >= 300 ? `Answers ${status}: a redirect` : `Answers ${status}` }
}

/** Returns the last HTTP status, from a verbose trace (`< HTTP/…`) or from headers at the start (`-i`, `-I`). */
function findStatus(text: string): string | undefined {
  const traced = matching(text, /^< HTTP\/[\d.]+ (\d{3})\b/).at(-1)?.[0]
  if (traced !== undefined || !text.startsWith('HTTP/')) return traced
  // After a redirect or "100 Continue" follows the next header block. The first block that isn't one is the body; text
  // in the body that looks like a header block is ignored.
  let status: string | undefined
  for (const head of text.split(/\n\s*\n/)) {
    const [, code] = /^HTTP\/[\d.]+ (\d{3})\b/.exec(head) ?? []
    if (code === undefined) return status
    status = code
  }
  return status
}

/** Parses the text that `-w` wrote, by its own format; returns an empty map where the output doesn't end with it. */
function parseWriteOut(text: string, argv: readonly string[]): Map<string, string> {
  const at = argv.findIndex((arg) => arg === '-w' || arg === '--write-out')
  const format = at === -1 ? undefined : argv[at + 1]
  if (format === undefined || format.length > 500) return new Map()
  const pattern = format
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .split(/(%\{\w+\})/)
    .map((part, index) => {
      const [, name] = /^%\{(\w+)\}$/.exec(part) ?? []
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      // A look-ahead with a back reference doesn't backtrack, so malicious output can't cause excessive matching time.
      return `(?=(?<v_${name}_${index}>[^\\s,;|"}]*))\\k<v_${name}_${index}>`
    })
    .join('')
  // Where the format begins with a value, that is the whole word, so no other place needs to be tried.
  const begin = /^%\{\w+\}/.test(format) ? '(?<![^\\s,;|"}])' : ''
  const found = new RegExp(`${begin}${pattern.replace(/(?<!\n)\n+$/, '')}\\n*$`).exec(text.slice(-2_000))
  return new Map(Object.entries(found?.groups ?? {}).map(([name, value]) => [name.replace(/^v_|_\d+$/g, ''), value]))
}

/** Returns the time of each step since the start of the request as text, from curl's values in seconds. */
function toTimes(written: ReadonlyMap<string, string>): Record<string, string | undefined> {
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
      // curl reports 0 for the TLS step where there was no TLS.
      return [
        names[step],
        value === undefined || (step === 'appconnect' && value === 0) ? undefined : `after ${millisecondsText(value)}`,
      ]
    }),
  )
}
