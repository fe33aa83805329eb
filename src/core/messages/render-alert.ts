import { spanText } from '#core/alerts/alert-record'
import { alertActions } from '#core/runs/actions'
import { cutText } from '#core/util/cut-text'
import { count } from '#core/util/units'
import type { AlertMessage } from './message.ts'
import type { MessageView } from './view.ts'

/** Largest number of characters of a name on a button. */
const maxButtonChars = 40

/** Renders an alert: what its sender says, letter by letter, and a button for each known object that it names. */
export function renderAlert(message: AlertMessage): MessageView {
  const { id, sender, name, severity, texts, labels, moreLabels, startsAt, resolvedAt, choices } = message
  const span = resolvedAt === undefined ? 0 : (Date.parse(resolvedAt) - Date.parse(startsAt)) / 1_000
  const lines = [...texts, message.before, message.note].filter((text) => text !== undefined)
  const buttons = choices.slice(0, alertActions.length)
  return {
    mood: resolvedAt !== undefined ? 'good' : severity === 'critical' ? 'bad' : 'warn',
    title: resolvedAt === undefined ? `Alert: ${name}` : `Resolved after ${spanText(span)}: ${name}`,
    ...(lines.length === 0 ? {} : { text: lines.join('\n') }),
    fields: [
      ...(severity === undefined ? [] : [{ label: 'severity', value: severity }]),
      ...labels.map(({ label, value }) => ({ label, value, as: 'code' as const })),
      { label: 'since', value: startsAt, as: 'instant' },
    ],
    facts: [
      ...(message.automatic === undefined ? [] : [`Triage began by itself, as ${message.automatic}`]),
      ...(moreLabels === 0 ? [] : [`${count(moreLabels, 'more label')}`]),
      `from ${sender} · alert ${id}`,
    ],
    examples: [],
    actions: alertActions.slice(0, buttons.length),
    run: id,
    suggestions: buttons.map((label, at) => ({
      label: `Triage ${cutText(label, maxButtonChars)}`,
      word: String(at + 1),
    })),
  }
}
