import { addReview } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import type { Run } from '#core/runs/run'
import type { BotContext } from '#src/bot/context'
import type { Reviewer, Verdict } from './review-types.ts'

/**
 * Returns the link to a page where the approver confirms, where the policy requires a passkey: a chat session alone
 * approves nothing. Undefined where nothing has to be confirmed first.
 */
export async function requirePasskey(
  context: Pick<BotContext, 'now' | 'passkeys'>,
  by: Reviewer,
  run: Run,
  given: Verdict,
): Promise<Message | undefined> {
  const { approval } = run
  const isRequired = approval?.rule.confirm === 'passkey' && given.verdict === 'approve' && given.passkey === undefined
  if (approval === undefined || !isRequired || run.state !== 'asking') return undefined
  const { person, account, typed, thread } = by
  // Returns no link to a person who can't approve the request anyway: the review itself is then refused now, not on the
  // page.
  const trial = addReview(approval, person, { ...given, account, passkey: 'to come' }, context.now().toISOString())
  if ('refused' in trial) return undefined
  const refused = (message: string): Message => ({ kind: 'refused', typed, message })
  if (context.passkeys === undefined)
    return refused('This must be confirmed with a passkey, but "confirm: { url }" is not set in retina.yaml.')
  if ((await context.passkeys.ofPerson(person.id)).length === 0) {
    return refused(
      'This must be confirmed with a passkey, and you have not added one yet. Ask the owner of this bot for an invitation.',
    )
  }
  const { window = false } = given
  const { id, name } = person
  const what = { run: run.id, specHash: approval.specHash, by: { id, name }, account, window, thread }
  const link = await context.passkeys.link({ kind: 'approve', ...what })
  return { kind: 'confirm', run: run.id, who: name, link }
}
