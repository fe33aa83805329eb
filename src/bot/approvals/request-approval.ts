import type { Approval } from '#core/approvals/approval'
import { askingNotice } from '#core/messages/run-card'
import { noMessage } from '#core/people/refs'
import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { withReason } from '#src/bot/runs/with-reason'
import { announce } from './notify-approvers.ts'

/** A set that asks for approval: the request is stored with what it would run, and shown to those who decide. */
export async function ask(
  house: House,
  talk: Conversation,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Extract<Decision, { effect: 'ask' }>,
): Promise<void> {
  const { approval: rule } = decision
  const typed = request.typed.text
  if (rule.reason === 'required' && request.reason === undefined) {
    const message = `"${decision.set}" asks for approval, and those who decide want to know why.`
    await talk.say({ kind: 'misunderstood', typed, message, suggestion: withReason(typed) })
    return
  }
  const now = house.now()
  const approval: Approval = {
    specHash: house.hash(spec),
    rule,
    requester: request.by.id,
    expiresAt: new Date(now.getTime() + rule.within * 1_000).toISOString(),
    reviews: [],
    cards: [],
  }
  const { set, grant } = decision
  const message = noMessage(request.thread)
  const pages = house.pages === undefined ? {} : { pages: true }
  const at = { state: 'asking' as const, queuedAt: request.at }
  const run: Run = { id: talk.id, request, spec, set, grant, message, approval, ...pages, ...at }
  const notice = askingNotice(run, approval, now.toISOString())
  const { specHash, expiresAt: expires } = approval
  const record = { spec: specHash, image: spec.image, from: rule.from.join(','), expires }
  await house.span(run.id, 'record that it asks', () => house.audit('asked', run.id, request.by.id, record))
  const own = await talk.say(notice)
  const tellApprovers = async () => (await announce(house, request.thread, rule, notice)) ?? null
  const card = await talk.once('tell the approvers', tellApprovers)
  const cards = card === null ? [] : [card]
  const asked = house.seal({ ...run, message: own, approval: { ...approval, cards } })
  await house.span(run.id, 'save the request', () => house.store.addRun(asked))
  house.count('asked')
}
