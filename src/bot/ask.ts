import type { Approval } from '#core/approval'
import type { DebugSpec } from '#core/debug-spec'
import type { Notice } from '#core/notice'
import type { Decision } from '#core/policy'
import type { MessageRef, Platform, ThreadRef, ToolRequest } from '#core/request'
import type { Run } from '#core/run'
import { askingNotice } from '#core/run-card'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'

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
  const { platform, team, channel } = request.thread
  const message: MessageRef = { platform, team, channel, message: '' }
  const run: Run = { id: talk.id, request, spec, set, grant, message, approval, state: 'asking', queuedAt: request.at }
  const notice = askingNotice(run, approval, now.toISOString())
  await house.audit('asked', run.id, request.by.id, {
    spec: approval.specHash,
    from: rule.from.join(','),
    expires: approval.expiresAt,
  })
  const own = await talk.say(notice)
  const card = await announce(house, request.thread, rule.announce, notice)
  const cards = card === undefined ? [] : [card]
  await house.store.addRun(house.seal({ ...run, message: own, approval: { ...approval, cards } }))
  house.count('asked')
}

function withReason(typed: string): string {
  return typed.replace(/^(\s*shell)\b/, '$1 --reason "…"')
}

/** Shows it in the approvers' channel too. A channel that can't be written doesn't keep the request from being decided in its thread. */
async function announce(
  house: House,
  thread: ThreadRef,
  where: string | undefined,
  notice: Notice,
): Promise<MessageRef | undefined> {
  const [, platform = '', channel = ''] = /^(\w+):channel\/(.+)$/.exec(where ?? '') ?? []
  const adapter = house.adapters.get(platform as Platform)
  if (channel === '' || adapter === undefined) return undefined
  const place: ThreadRef = { platform: adapter.platform, team: thread.team, channel }
  return adapter.post(place, notice).catch((error: unknown) => {
    house.log.error({ channel, error: String(error) }, "the approvers' channel could not be written")
    return undefined
  })
}
