import type { Instant } from '#core/util/instant'

/** Programs that send alerts, by the form of what they send. */
export const alertForms = ['alertmanager', 'grafana', 'pagerduty'] as const
export type AlertForm = (typeof alertForms)[number]

/** Alert of a sender, bounded in size. Its texts are somebody else's: they are shown letter by letter, and compared with names of known objects. */
export type Alert = {
  /** Name of the sender in `retina.yaml`; for a message that was read in a channel, that channel. */
  sender: string
  /** Same for the same alert each time that it fires. */
  fingerprint: string
  status: 'firing' | 'resolved'
  name: string
  labels: Readonly<Record<string, string>>
  /** Sentences about it. */
  texts: readonly string[]
  startsAt: Instant
}

/**
 * What became of alerts: shown; repeated, so not shown again; left out, because there were too many; resolved; lost,
 * because their channel took none. Of requests: refused.
 */
export const alertEvents = ['shown', 'repeated', 'left-out', 'resolved', 'lost', 'refused'] as const
export type AlertEvent = (typeof alertEvents)[number]

/** Settings of a sender. */
export type AlertSender = {
  from: AlertForm
  /** Channel in which its alerts are shown: `slack:channel/C0INCIDENT`. */
  channel: string
  /** Cluster of its objects, whatever the label `cluster` says. */
  cluster?: string
  /** True where triage begins by itself, as `service:NAME`. */
  auto: boolean
  /** Maximum number of alerts that are shown in a minute, and of those that are looked at by themselves in an hour. */
  perMinute: number
  autoPerHour: number
}

/** Settings of alerts: senders by name, and the channels in which messages of other programs are read. */
export type AlertRules = { senders: Readonly<Record<string, AlertSender>>; listen: readonly string[] }

/** Largest number of alerts of one request that are read; further ones are left out. */
export const maxAlerts = 100
/** Largest number of labels of an alert, and of characters of a label and of a sentence. */
export const maxLabels = 64
export const maxLabelChars = 300
export const maxTextChars = 2_000
