import { runCard } from '#core/messages/run-card'
import type { ApprovalRule } from '#core/policy/policy'
import type { Run } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { announce } from './notify-approvers.ts'

/** Somebody goes on without approval, as the policy lets them: recorded before it is done, and told where approvers look. */
export async function breakGlass(
  house: House,
  talk: Pick<Conversation, 'once'>,
  run: Run,
  rule: ApprovalRule,
): Promise<void> {
  const { request } = run
  const reason = request.reason ?? ''
  await house.audit('glass-broken', run.id, request.by.id, { set: run.set, spec: house.hash(run.spec), reason })
  house.log.warn({ run: run.id, person: request.by.id, reason }, 'ALARM: the glass was broken')
  await talk.once('tell the approvers', async () => {
    const notice = { kind: 'glass-broken' as const, run: runCard(run), reason }
    return (await announce(house, request.thread, rule, notice)) ?? null
  })
}
