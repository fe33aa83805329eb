import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Alert, AlertForm, AlertRules } from '#core/alerts/alert'
import { eventTime, readAlerts } from '#core/alerts/read-alerts'
import type { Log } from '#core/ports/log'
import { errorMessage } from '#core/util/error-message'
import { withTimeout } from '#core/util/timeout'
import { parseJsonBody } from '#src/http/request-body'
import type { HttpRequest, Mount } from '#src/http/server'

/** Path below which senders post: `/alerts/NAME`. */
const alertsPath = '/alerts/'

/** Largest number of bytes of a request, and of brackets in each other: real ones have some kB, and 5. */
const maxBodyBytes = 1_000_000
const maxDepth = 20
/** Largest number of requests of a sender in a minute. */
const maxRequestsPerMinute = 600
/** Milliseconds after which an event that carries a time is refused: as long as one that was sent before is recognised. */
const maxAgeMs = 24 * 3_600_000

export type AlertRoutesOptions = {
  mount: Mount
  log: Log
  rules: () => AlertRules
  /** Secrets of senders, by name: the present one, and the one that it replaces. */
  secrets: Readonly<Record<string, readonly string[]>>
  /** Counts calls with a key in a window of seconds, this one included. */
  count: (key: string, seconds: number) => Promise<number>
  countAlert: (event: 'refused') => void
  now: () => Date
  /** Stores an alert for the channel of its sender. Resolves with false where that isn't possible now. */
  accept: (alert: Alert) => Promise<boolean>
}

/** Answer to a sender, without a word of what it sent. */
type Answer = { status: number; text: string; retryAfter?: number }

const notStored: Answer = { status: 503, text: 'not stored; send it again', retryAfter: 5 }

/** Milliseconds within which Redis has to count a request. */
const countTimeoutMs = 2_000

/** Mounts `POST /alerts/NAME`. 202: all alerts are stored. 503: some are not, send it again. */
export function mountAlerts(options: AlertRoutesOptions): void {
  const listener = async (request: HttpRequest, response: ServerResponse) => {
    const answer = await receive(options, request).catch((error: unknown): Answer => {
      options.log.error({ error: errorMessage(error) }, 'alerts could not be stored')
      return notStored
    })
    if (answer.status >= 400) options.countAlert('refused')
    const retry = answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) }
    response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8', ...retry }).end(`${answer.text}\n`)
  }
  options.mount(alertsPath, listener, { methods: ['POST'], maxBodyBytes })
}

async function receive(options: AlertRoutesOptions, request: HttpRequest): Promise<Answer> {
  const name = request.path.slice(alertsPath.length)
  const { senders } = options.rules()
  const sender = Object.hasOwn(senders, name) ? senders[name] : undefined
  const secrets = Object.hasOwn(options.secrets, name) ? (options.secrets[name] ?? []) : []
  // A sender that isn't known is answered like a wrong secret.
  if (
    !isGenuine(sender?.from ?? 'alertmanager', request, sender === undefined ? [] : secrets) ||
    sender === undefined
  ) {
    options.log.warn({ path: alertsPath }, 'a request with alerts was refused: unknown sender or wrong secret')
    return { status: 401, text: 'unknown sender, or wrong secret' }
  }
  const requests = await withTimeout(countTimeoutMs, options.count(`alert-requests:${name}`, 60))
  if (requests === undefined) return notStored
  if (requests > maxRequestsPerMinute) return { status: 429, text: 'too many requests; wait a minute', retryAfter: 60 }
  const body = isShallow(request.rawBody) ? parseJsonBody(request.rawBody) : undefined
  const read = readAlerts(sender.from, name, body)
  if ('mistake' in read) {
    options.log.warn({ sender: name, mistake: read.mistake }, 'a request with alerts has another form')
    return { status: 400, text: `not what ${sender.from} sends: ${read.mistake}` }
  }
  const at = eventTime(sender.from, body)
  if (at !== undefined && options.now().getTime() - at > maxAgeMs)
    return { status: 400, text: 'the event is older than 24 hours' }
  if (read.leftOut > 0) options.log.warn({ sender: name, leftOut: read.leftOut }, 'some alerts were left out')
  const stored = await Promise.all(read.alerts.map(options.accept))
  return stored.every(Boolean) ? { status: 202, text: 'stored' } : notStored
}

/** Returns true for a request with the sender's secret, or signed with it. Takes as long for a wrong secret as for the right one. */
function isGenuine(form: AlertForm, { headers, rawBody }: HttpRequest, secrets: readonly string[]): boolean {
  if (form !== 'pagerduty') {
    const given = headers.authorization ?? ''
    return secrets.map((secret) => isEqual(given, `Bearer ${secret}`)).some(Boolean)
  }
  // A signature for each secret that is in use. Source: developer.pagerduty.com, "Verifying Webhook Signatures".
  const given = String(headers['x-pagerduty-signature'] ?? '').split(',', 10)
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(rawBody).digest('hex')}`)
  return signatures.flatMap((each) => given.map((one) => isEqual(one.trim(), each))).some(Boolean)
}

function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** Returns true for JSON of few brackets in each other, which is read without parsing it. */
function isShallow(bytes: Buffer): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (isText) {
      if (byte === backslash) at += 1
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === openBrace || byte === openBracket) {
      depth += 1
      if (depth > maxDepth) return false
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1
  }
  return true
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\{}[]')
