import type { Alert } from '#core/alerts/alert'
import type { AlertRecord } from '#core/alerts/alert-record'
import { serviceAccount } from '#core/alerts/service-principal'
import { channelText, type MessageRef, parseChannel, type ThreadRef, threadUnder } from '#core/messages/thread-ref'
import type { Platform } from '#core/people/platforms'
import { type HeardMessage, isPermanentRefusal } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import { textOfPress } from '#core/runs/actions'
import { errorMessage } from '#core/util/error-message'
import type { BotContext } from '#src/bot/context'
import type { Accept } from '#src/bot/inbox/accept'
import { maxReplyRetryMs } from '#src/bot/inbox/reply'
import { alertOfMessage, showAlert } from './show-alert.ts'

/** Returns the place that a channel's name in `retina.yaml` means. Its adapter knows its own team. */
export function placeOfChannel(channel: string): ThreadRef {
  const { platform = '', channel: id = '' } = parseChannel(channel) ?? {}
  return { platform: platform as Platform, team: '', channel: id }
}

/**
 * Stores an alert in the command inbox, which also recognises one that was sent before: the same fingerprint, time and
 * status within 24 hours. Resolves with false where it could not be stored, so that the sender sends it again.
 */
export async function acceptAlert(accept: Accept, alert: Alert, thread: ThreadRef, at: Date): Promise<boolean> {
  const { sender, fingerprint, startsAt, status } = alert
  const account = { platform: thread.platform, team: thread.team, user: `alerts:${sender}` }
  const key = JSON.stringify([fingerprint, startsAt, status])
  const inbound = { account, thread, key, text: 'alert', source: { kind: 'alert' as const, alert } }
  return (await accept({ ...inbound, at: at.toISOString() })).ok
}

/** Creates the handler of messages of other programs: in the channels that the owner's file lists, they are alerts. */
export function createHeardHandler(context: Pick<BotContext, 'rules' | 'now'>, accept: Accept) {
  return async (message: HeardMessage): Promise<void> => {
    const channel = channelText(message.thread)
    if (!context.rules().alerts.listen.includes(channel)) return
    await acceptAlert(accept, alertOfMessage(channel, message), message.thread, context.now())
  }
}

/** Shows the alert of a lease. Leaves it to another bot, or to a later try, where its channel doesn't accept it yet. */
export async function handleAlert(
  context: BotContext,
  lease: CommandLease,
  alert: Alert,
  accept: Accept,
): Promise<void> {
  const { thread } = lease.inbound
  const adapter = context.adapters.get(thread.platform)
  if (adapter === undefined) return lease.release()
  try {
    await showAlert(context, alert, {
      adapter,
      lease,
      thread,
      begin: (record, ref) => begin(context, accept, record, ref),
    })
    await context.span(lease.id, 'inbox.ack', lease.ack)
  } catch (error) {
    const isTooLate = context.now().getTime() - Date.parse(lease.inbound.at) > maxReplyRetryMs
    const isOver = isTooLate || isPermanentRefusal(error)
    const what = isOver ? 'an alert is given up; is the bot in its channel?' : 'an alert could not be shown yet'
    context.log.error({ sender: alert.sender, channel: thread.channel, error: errorMessage(error) }, what)
    if (!isOver) return lease.release()
    context.countAlert('lost')
    await lease.ack().catch(() => lease.release())
  }
}

/** Accepts the command of a triage that begins without a person, in the alert's thread. */
async function begin(
  context: BotContext,
  accept: Accept,
  { id, alert }: AlertRecord,
  message: MessageRef,
): Promise<void> {
  const account = serviceAccount(alert.sender, message)
  const [action, run] = ['triage-1' as const, `${id} 1`]
  const source = { kind: 'button' as const, action, run }
  const text = textOfPress(action, run)
  const at = context.now().toISOString()
  const { ok } = await accept({ account, thread: threadUnder(message), key: `auto:${id}`, text, source, at })
  if (!ok) throw new Error('the command of its triage could not be stored')
}
