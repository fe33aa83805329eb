import type { AlertMessage } from '#core/messages/message'
import { hideSecrets } from '#core/output/redact'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'
import { oneLine } from '#core/util/one-line'
import type { AlertRecord } from './alert-record.ts'

/** Largest number of labels, and of characters, that a message shows. */
const maxShownLabels = 12
const maxShownChars = 300

/** Labels that stand elsewhere in the message. */
const ownLabels: ReadonlySet<string> = new Set(['alertname', 'severity'])

/** Returns the message of an alert in its current state. What the sender wrote is one line each, without anything unseen. */
export function alertMessage(record: AlertRecord, resolvedAt?: Instant): AlertMessage {
  const { id, alert, choices, note, before, automatic } = record
  const { sender, name, labels, texts, startsAt } = alert
  const shown = Object.entries(labels).filter(([label]) => !ownLabels.has(label))
  const line = (text: string) => oneLine(text, maxShownChars)
  return {
    kind: 'alert',
    id,
    sender,
    name: line(name),
    texts: texts.slice(0, 3).map(line),
    labels: shown
      .slice(0, maxShownLabels)
      .map(([label, value]) => ({ label: oneLine(label, 60), value: line(hideValue(label, value)) })),
    moreLabels: Math.max(0, shown.length - maxShownLabels),
    startsAt,
    choices: choices.map(({ label }) => label),
    ...defined({
      severity: labels['severity'] === undefined ? undefined : oneLine(labels['severity'], 40),
      resolvedAt,
      note,
      before,
      automatic,
    }),
  }
}

/** Returns a label's value, with a mark in its place where its name says that it is a secret. */
function hideValue(label: string, value: string): string {
  const start = `${label}: `
  const hidden = hideSecrets(`${start}${value}`)
  return hidden.startsWith(start) ? hidden.slice(start.length) : value
}
