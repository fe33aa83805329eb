import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import { fits, sessionParts, stayOf } from '#core/sessions/session'
import type { House } from '#src/bot/context'

/**
 * True where a container of this person's stands ready for just this: then nothing is made, and there is nothing to ask the
 * cluster about. The worker looks again.
 */
export async function isReady(
  house: House,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Exclude<Decision, { effect: 'deny' }>,
): Promise<boolean> {
  if (decision.effect !== 'allow' || decision.unapproved !== undefined) return false
  const { policy, keep } = house.rules()
  const run = { request, spec, set: decision.set }
  const stay = stayOf(run, policy.sets, keep)
  if (stay === undefined) return false
  const session = await house.sessions.find(house.hash(sessionParts(run)), stay.idle)
  return session !== undefined && session !== 'forged' && fits(session, spec, house.now().toISOString())
}
