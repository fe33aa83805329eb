import type { Confirmation } from '#core/approvals/confirmation'
import { renderMessage } from '#core/messages/render'
import { approvalRequestMessage } from '#core/messages/run-card'
import { notAcceptedMessage } from '#core/messages/store-unavailable-message'
import { type MessageView, plainText } from '#core/messages/view'
import type { InboundCommand } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import type { BotContext } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'
import { currentPerson } from '#src/lifecycle/revalidate'
import { decideRequest, type ReviewResult } from './review.ts'

/**
 * Creates the function that returns the view of the page behind a link; undefined where nothing can be confirmed any
 * more.
 */
export function confirmationText(context: Pick<BotContext, 'store' | 'hash' | 'now'>) {
  return async (confirmation: Confirmation): Promise<MessageView | undefined> => {
    if (confirmation.kind === 'enrol') return enrolView
    const run = verified(await context.store.run(confirmation.run))
    const { approval } = run ?? {}
    if (run === undefined || approval === undefined || run.state !== 'asking') return undefined
    if (approval.specHash !== confirmation.specHash || context.hash(run.spec) !== confirmation.specHash)
      return undefined
    const request = approvalRequestMessage(run, approval, context.now().toISOString())
    const { hint: _hint, ...view } = renderMessage({ ...request, alsoWindow: confirmation.window })
    return view
  }
}

const enrolView: MessageView = {
  mood: 'plain',
  title: 'Add a passkey',
  text: 'You will use it to confirm approvals, so that a stolen chat session cannot approve anything in your name.',
  facts: [],
  examples: [],
  actions: [],
}

/**
 * Creates the function that carries out what was confirmed with a passkey; it returns the result as text for the page.
 */
export function handleConfirmed(context: BotContext) {
  return async (confirmation: Confirmation, passkey: string): Promise<string> => {
    const { by } = confirmation
    if (confirmation.kind === 'enrol') {
      await context.audit('passkey-added', '', by.id, { passkey })
      return 'Your passkey was added. You can close this page.'
    }
    const { run, account, window, thread, specHash } = confirmation
    const person = await currentPerson(context, { id: by.id, account })
    if ('refused' in person) {
      await context.audit('review-refused', run, by.id, { why: person.refused })
      return `Nothing was approved. ${person.refused}`
    }
    const text = `approve ${run}`
    const source = { kind: 'confirmed' as const, run }
    const inbound = { account, thread, text, source, key: passkey, at: context.now().toISOString() }
    const reviewer = { person, account, typed: text, thread }
    const result = await decideWithLease(context, inbound, (saved) =>
      decideRequest(context, { ...reviewer, markSaved: saved }, run, { verdict: 'approve', window, passkey, specHash }),
    )
    return result.ok ? 'Approved. Follow the run in its thread.' : plainText(renderMessage(result.answer))
  }
}

/**
 * Stores the command in the inbox until the decision is done. A bot that takes it over completes a saved review; where
 * none was saved it sends a new link, since the command text alone confirms nothing.
 */
async function decideWithLease(
  context: Pick<BotContext, 'inbox' | 'span' | 'rules'>,
  inbound: InboundCommand,
  decide: (saved: () => void) => Promise<ReviewResult>,
): Promise<ReviewResult> {
  const id = runIdOf('confirmed', inbound.text, inbound.key, inbound.at)
  const lease = await context.span(id, 'inbox.accept', () => context.inbox.accept({ id, inbound }))
  if (lease === 'away' || lease === 'full')
    return { ok: false, answer: notAcceptedMessage(lease, context.rules().contact) }
  if (lease === 'duplicate') return { ok: true }
  let isSaved = false
  try {
    const result = await decide(() => {
      isSaved = true
    })
    await lease.ack()
    return result
  } catch (error) {
    if (isSaved) lease.release()
    else await lease.ack()
    throw error
  }
}
