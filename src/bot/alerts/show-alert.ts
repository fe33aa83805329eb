import type { Alert, AlertRules, AlertSender } from '#core/alerts/alert'
import { alertMessage } from '#core/alerts/alert-message'
import { type AlertRecord, agoText, alertRetentionSeconds } from '#core/alerts/alert-record'
import { servicePrincipal } from '#core/alerts/service-principal'
import type { Message } from '#core/messages/message'
import { channelText, type MessageRef, noMessage, type ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, isPermanentRefusal } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import { verified } from '#core/ports/store'
import { leadingFinding } from '#core/triage/triage-message'
import { firstChars } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import type { BotContext } from '#src/bot/context'
import { replyStep } from '#src/bot/inbox/reply'
import { runIdOf } from '#src/bot/run-id'
import { keepUpdated, readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { findAlertTargets } from './find-alert-targets.ts'

type AlertContext = Pick<
  BotContext,
  'store' | 'audit' | 'clusters' | 'rules' | 'playbooks' | 'now' | 'log' | 'countAlert' | 'incidentLabels'
>

/** What an alert is shown by: the chat of its channel, its lease, and what accepts the command of its triage. */
export type AlertDelivery = {
  adapter: ChatAdapter
  lease: CommandLease
  thread: ThreadRef
  begin: (record: AlertRecord, message: MessageRef) => Promise<void>
}

/** Returns the id of an alert from when it began to fire: its end has the same one. */
function alertIdOf({ sender, fingerprint, startsAt }: Pick<Alert, 'sender' | 'fingerprint' | 'startsAt'>): string {
  return runIdOf('alert', sender, fingerprint, startsAt)
}

/** Shows an alert in its channel, or that it is resolved. An alert that was shown already isn't shown again. */
export async function showAlert(context: AlertContext, alert: Alert, delivery: AlertDelivery): Promise<void> {
  const id = alertIdOf(alert)
  if (alert.status === 'resolved') return showResolved(context, id, delivery.adapter)
  const existing = verified(await context.store.getValue('alert', id))
  if (existing !== undefined && existing.message.message !== '' && delivery.lease.as === 'new') {
    context.countAlert('repeated')
    return
  }
  const sender = senderOf(context.rules().alerts, alert.sender)
  if (await isTooMany(context, sender, alert, delivery)) return
  const record = existing ?? (await toRecord(context, id, alert, sender, delivery.thread))
  // Of messages in a channel, those that name no object are none of an alert.
  if (record.choices.length === 0 && isHeard(alert)) return
  // Saved first: a bot that takes this over edits the message instead of posting another one.
  await context.store.setValue('alert', id, record, alertRetentionSeconds)
  const message = await post(delivery, alertMessage(record))
  await context.store.setValue('alert', id, { ...record, message }, alertRetentionSeconds)
  await recordAlert(context, record.alert, id, message)
  const latest = { id, startsAt: alert.startsAt }
  await context.store.setValue('alert-latest', latestKey(alert), latest, alertRetentionSeconds)
  context.countAlert('shown')
  if (record.automatic !== undefined) await delivery.begin(record, message)
  // It may have been resolved before it was shown.
  if (verified(await context.store.getValue('alert-resolved', id)) !== undefined)
    await showResolved(context, id, delivery.adapter)
}

/** Returns the settings of a sender; the usual ones for a channel that is read, and for a sender that was removed. */
function senderOf({ senders }: AlertRules, name: string): AlertSender {
  const usual = { from: 'alertmanager', channel: name, auto: false, perMinute: 30, autoPerHour: 0 } as const
  return Object.hasOwn(senders, name) ? (senders[name] ?? usual) : usual
}

/** Returns true for the alert of a message in a channel; names of senders have no colon. */
const isHeard = ({ sender }: Alert) => sender.includes(':')

const latestKey = ({ sender, fingerprint }: Alert) => runIdOf('latest', sender, fingerprint)

/** Says once in a minute that a sender has sent more alerts than are shown. */
async function isTooMany(
  context: AlertContext,
  { perMinute }: Pick<AlertSender, 'perMinute'>,
  { sender }: Alert,
  delivery: AlertDelivery,
): Promise<boolean> {
  const { lease } = delivery
  const saved = lease.savedStep('count-command')
  const number = typeof saved === 'number' ? saved : await context.store.count(`alerts:${sender}`, 60)
  if (saved === undefined) await lease.saveStep('count-command', number)
  if (number <= perMinute) return false
  context.countAlert('left-out')
  if (number !== perMinute + 1) return true
  const title = `More than ${perMinute} alerts came from ${sender} in a minute`
  await post(delivery, { kind: 'help', title, text: 'Further ones are not shown for the rest of it.', examples: [] })
  return true
}

async function toRecord(
  context: AlertContext,
  id: string,
  given: Alert,
  sender: AlertSender,
  thread: ThreadRef,
): Promise<AlertRecord> {
  const more = (await context.incidentLabels?.(given)) ?? {}
  const alert = { ...given, labels: { ...more, ...given.labels } }
  const { choices, playbooks, note } = await findAlertTargets(context, alert, sender)
  const before = await findBefore(context, id, alert)
  const isAutomatic =
    sender.auto &&
    choices.length === 1 &&
    (await context.store.count(`alerts-auto:${alert.sender}`, 3_600)) <= sender.autoPerHour
  const automatic = isAutomatic ? servicePrincipal(alert.sender).id : undefined
  return { id, alert, message: noMessage(thread), choices, playbooks, ...defined({ note, before, automatic }) }
}

/** Returns what was found when the alert fired before; undefined where it didn't in the last week. */
async function findBefore(
  { store, playbooks, now }: AlertContext,
  id: string,
  alert: Alert,
): Promise<string | undefined> {
  const latest = verified(await store.getValue('alert-latest', latestKey(alert)))
  if (latest === undefined || latest.id === id) return undefined
  const ago = agoText(latest.startsAt, now())
  const triages = [...(await store.fields('alert-triages', latest.id))].flatMap(([triage, value]) =>
    value === 'broken' ? [] : [{ triage, at: value.at }],
  )
  const newest = triages.toSorted((one, other) => other.at - one.at)[0]
  const fanOut = newest === undefined ? undefined : verified(await store.getValue('fan-out', newest.triage))
  if (fanOut === undefined) return `It fired ${ago} too; nobody looked into it then.`
  const { first = 'triage found nothing then' } = leadingFinding(
    fanOut,
    await readOutcomes(store, fanOut.id),
    playbooks(),
  )
  return `As ${ago}: ${first} (show ${fanOut.id}).`
}

/** Shows in the message of an alert, and in those of its triages, that it is resolved. */
async function showResolved(context: AlertContext, id: string, adapter: ChatAdapter): Promise<void> {
  const { store } = context
  const before = verified(await store.getValue('alert-resolved', id))
  const at = before?.at ?? context.now().toISOString()
  await store.setValue('alert-resolved', id, { at }, alertRetentionSeconds)
  const record = verified(await store.getValue('alert', id))
  if (record === undefined || record.message.message === '') return
  context.countAlert('resolved')
  if (before === undefined) await recordAlert(context, { ...record.alert, status: 'resolved' }, id, record.message)
  await ignoreRefusal(adapter.edit(record.message, alertMessage(record, at)))
  for (const triage of (await store.fields('alert-triages', id)).keys()) {
    const fanOut = verified(await store.getValue('fan-out', triage))
    // Workers show it once more, with what is known of the alert now.
    if (fanOut !== undefined) await keepUpdated(store, fanOut)
  }
}

/** Records that an alert was shown, or that it is resolved. A log that takes no record keeps no alert from being shown. */
async function recordAlert(context: AlertContext, alert: Alert, id: string, message: MessageRef): Promise<void> {
  const { sender, name, status } = alert
  const details = { name, status, channel: channelText(message), message: message.thread ?? message.message }
  await context.audit('alert', id, `alerts:${sender}`, details).catch((error: unknown) => {
    context.log.error({ sender, error: errorMessage(error) }, 'an alert could not be recorded')
  })
}

/** A message that was deleted shows nothing. */
async function ignoreRefusal(edit: Promise<void>): Promise<void> {
  await edit.catch((error: unknown) => {
    if (!isPermanentRefusal(error)) throw error
  })
}

/** Posts the message of a lease, or edits the one that an earlier holder posted. */
async function post({ adapter, lease, thread }: AlertDelivery, message: Message): Promise<MessageRef> {
  await lease.assertOwned()
  const posted = lease.savedStep(replyStep) as MessageRef | undefined
  if (posted !== undefined) {
    await ignoreRefusal(adapter.edit(posted, message))
    return posted
  }
  const ref = await adapter.post(thread, message)
  await lease.saveStep(replyStep, ref)
  return ref
}

/** Returns the alert that a message of another program in a channel is. */
export function alertOfMessage(channel: string, message: { text: string; key: string; at: string }): Alert {
  const [first = ''] = message.text.split('\n')
  const name = firstChars(first, 200)
  const { key: fingerprint, at: startsAt, text } = message
  return { sender: channel, fingerprint, status: 'firing', name, labels: {}, texts: [text], startsAt }
}
