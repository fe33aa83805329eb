import { firstChars } from '#core/util/cut-text'
import { getValue, isRecord, toList, toRecord } from '#core/util/json'
import { type Alert, type AlertForm, maxAlerts, maxLabelChars, maxLabels, maxTextChars } from './alert.ts'

/** Alerts of a request, with the number of those that were left out; or what is wrong with it, without a word of it. */
export type AlertsRead = { alerts: readonly Alert[]; leftOut: number } | { mistake: string }

/** Reads what a sender has sent. Total: never throws, for any value. */
export function readAlerts(form: AlertForm, sender: string, body: unknown): AlertsRead {
  return form === 'pagerduty' ? readPagerDuty(sender, body) : readAlertmanager(sender, body)
}

/**
 * Reads the webhook of Alertmanager, version 4, and that of Grafana, which has the same fields.
 * Sources: prometheus.io, "Alertmanager configuration", webhook_config; grafana.com, "Webhook notifier".
 */
function readAlertmanager(sender: string, body: unknown): AlertsRead {
  const given = getValue(body, 'alerts')
  if (!Array.isArray(given)) return { mistake: 'there is no list "alerts"' }
  const alerts: Alert[] = []
  for (const each of toList(given.slice(0, maxAlerts))) {
    const { status, fingerprint } = each
    const startsAt = toInstant(each['startsAt'])
    if (status !== 'firing' && status !== 'resolved') return { mistake: 'an alert has no "status" firing or resolved' }
    if (typeof fingerprint !== 'string' || fingerprint === '') return { mistake: 'an alert has no "fingerprint"' }
    if (startsAt === undefined) return { mistake: 'an alert has no time "startsAt"' }
    const labels = toTexts(each['labels'], maxLabelChars)
    const notes = toTexts(each['annotations'], maxTextChars)
    const texts = ['summary', 'description', 'message'].flatMap((name) => notes[name] ?? [])
    const name = labels['alertname'] ?? 'without a name'
    alerts.push({ sender, fingerprint: firstChars(fingerprint, maxLabelChars), status, name, labels, texts, startsAt })
  }
  const cut = getValue(body, 'truncatedAlerts')
  const leftOut = Math.max(0, given.length - maxAlerts) + (typeof cut === 'number' && cut > 0 ? cut : 0)
  return { alerts, leftOut }
}

/** Events of PagerDuty that say that an incident fires, or that it is resolved; others are none of an alert. */
const pagerDutyStatus: Readonly<Record<string, Alert['status']>> = {
  'incident.triggered': 'firing',
  'incident.reopened': 'firing',
  'incident.resolved': 'resolved',
}

/** Reads an event of PagerDuty, version 3: it has an incident, and no labels. Source: developer.pagerduty.com, "Webhooks", Overview. */
function readPagerDuty(sender: string, body: unknown): AlertsRead {
  const event = getValue(body, 'event')
  const type = getValue(event, 'event_type')
  if (typeof type !== 'string') return { mistake: 'there is no "event" with an "event_type"' }
  const status = Object.hasOwn(pagerDutyStatus, type) ? pagerDutyStatus[type] : undefined
  if (status === undefined) return { alerts: [], leftOut: 0 }
  const incident = toRecord(getValue(event, 'data'))
  const { id, title } = incident
  const startsAt = toInstant(incident['created_at']) ?? toInstant(getValue(event, 'occurred_at'))
  if (typeof id !== 'string' || !/^\w{1,64}$/.test(id)) return { mistake: 'the incident has no "id"' }
  if (startsAt === undefined) return { mistake: 'the event has no time' }
  const name = typeof title === 'string' && title !== '' ? firstChars(title, maxLabelChars) : `incident ${id}`
  const labels = toTexts(
    {
      'pagerduty service': getValue(incident['service'], 'summary'),
      urgency: incident['urgency'],
      incident: incident['html_url'],
    },
    maxLabelChars,
  )
  return { alerts: [{ sender, fingerprint: id, status, name, labels, texts: [], startsAt }], leftOut: 0 }
}

/** Returns the time of an event that carries one: an old one is a repetition. */
export function eventTime(form: AlertForm, body: unknown): number | undefined {
  const at = form === 'pagerduty' ? toInstant(getValue(body, 'event', 'occurred_at')) : undefined
  return at === undefined ? undefined : Date.parse(at)
}

/** Returns the labels of the alerts behind an incident of PagerDuty, from the answer to `GET /incidents/ID/alerts`. */
export function readIncidentAlerts(answer: unknown): Record<string, string> {
  const all = toList(getValue(answer, 'alerts')).slice(0, maxAlerts)
  const details = all.map((each) => getValue(each, 'body', 'details'))
  return Object.assign({}, ...details.map((each) => toTexts(isRecord(each) ? each : {}, maxLabelChars)))
}

/** Returns the texts of an object, by name, without what is not a text. */
function toTexts(value: unknown, maxChars: number): Record<string, string> {
  const pairs = Object.entries(toRecord(value)).flatMap(([name, text]) =>
    typeof text === 'string' ? [[firstChars(name, maxLabelChars), firstChars(text, maxChars)] as const] : [],
  )
  return Object.fromEntries(pairs.slice(0, maxLabels))
}

function toInstant(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value) || value.length > 40) return undefined
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}
