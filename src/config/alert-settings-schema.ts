import { z } from 'zod'
import { alertForms } from '#core/alerts/alert'
import { channelPattern } from '#core/people/platforms'

/** Name of a sender: part of its path and of the names of its secrets. */
const senderName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-"')
const channel = z.string().regex(channelPattern, 'is not a valid channel; use slack:channel/C0INCIDENT')

const sender = z.strictObject({
  from: z.enum(alertForms),
  channel,
  cluster: z.string().min(1).optional(),
  auto: z.boolean().default(false),
  perMinute: z.int().min(1).max(1_000).default(30),
  autoPerHour: z.int().min(1).max(1_000).default(10),
})

/** Who may send alerts, and the channels in which messages of other programs are read as alerts. */
export const alertSettings = z.strictObject({
  senders: z.record(senderName, sender).default({}),
  listen: z.array(channel).default([]),
})

/** What editors show for the settings of alerts. */
export const alertDescriptions: Readonly<Record<string, string>> = {
  alerts: 'Alerts that offer triage: docs/alerts.md.',
  'alerts.senders': 'Senders by name: each posts to /alerts/NAME, with the secret RETINA_ALERTS_SECRET_NAME.',
  'alerts.senders.*.from': 'What it is: alertmanager, grafana or pagerduty.',
  'alerts.senders.*.channel': 'Where its alerts are shown: slack:channel/C0INCIDENT.',
  'alerts.senders.*.cluster': 'The cluster of its objects, whatever the label "cluster" says.',
  'alerts.senders.*.auto': 'True begins triage without a person, as service:NAME, whose sets have to be reading ones.',
  'alerts.senders.*.perMinute': 'Alerts that are shown in a minute; further ones are counted.',
  'alerts.senders.*.autoPerHour': 'Alerts that are looked at without a person in an hour.',
  'alerts.listen': 'Channels of Slack in which messages of other programs are read as alerts.',
}
