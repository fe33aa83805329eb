import { approvalState } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { requestFacts } from '#core/messages/request-facts'
import { runCard } from '#core/messages/run-card'
import { type ThreadRef, threadUnder } from '#core/messages/thread-ref'
import { platforms } from '#core/people/platforms'
import { accountText } from '#core/people/principal'
import { isPermanentRefusal } from '#core/ports/chat'
import type { Store } from '#core/ports/store'
import { type Run, runRetentionSeconds } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'
import type { MessageContext } from './update-message.ts'

type NotifyContext = MessageContext & { store: Pick<Store, 'acquireLock'> }

type Decision = Extract<Message, { kind: 'decided' }>['decision']

/**
 * Tells the requester that their request was decided, in a message of its own, once: an edit of the card notifies
 * nobody. Posts it in the request's thread with a mention, or as a direct message where the thread takes none. Does
 * nothing for a request that isn't decided. Logs a failure: the card shows the decision as well.
 */
export async function notifyRequester(context: NotifyContext, run: Run, now: Instant): Promise<void> {
  const decision = decisionOf(run, now)
  const { account } = run.request
  const adapter = context.adapters.get(account.platform)
  if (decision === undefined || adapter === undefined) return
  try {
    if (!(await context.store.acquireLock(`decided:${run.id}`, runRetentionSeconds))) return
    const message = decidedMessage(run, decision)
    await adapter.post(threadOf(run), message).catch(async (error: unknown) => {
      if (!isPermanentRefusal(error)) throw error
      return adapter.postDirect(threadOf(run), account, message)
    })
  } catch (error) {
    context.log.warn({ run: run.id, error: String(error) }, 'the requester could not be told of the decision')
  }
}

/** Returns how a request was decided; undefined where it is pending, was withdrawn, or never needed a decision. */
function decisionOf({ approval, end }: Run, now: Instant): Decision | undefined {
  if (approval === undefined) return undefined
  const state = approvalState(approval, end?.at ?? now)
  if (state === 'approved') return end?.reason === 'refused' ? 'refused' : 'approved'
  if (state === 'denied') return 'denied'
  return end?.reason === 'expired' ? 'expired' : undefined
}

function decidedMessage(run: Run, decision: Decision): Message {
  const why = decision === 'refused' ? run.end?.message : undefined
  return {
    kind: 'decided',
    run: { ...runCard(run), actions: [] },
    facts: requestFacts(run),
    decision,
    reviews: run.approval?.reviews ?? [],
    ...defined({ why }),
    mention: [accountText(run.request.account)],
  }
}

/** Returns the thread of a request: the one under its message, or that it was typed in. */
function threadOf({ message, request, threaded }: Run): ThreadRef {
  if (threaded === true && message.message !== '') return threadUnder(message)
  const { platform, team, channel } = message
  const own = platforms[platform].fewThreads || message.message === '' ? undefined : message.message
  const thread = message.thread ?? request.thread.thread ?? own
  return { platform, team, channel, ...defined({ thread }) }
}
