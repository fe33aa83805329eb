import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import { endsWithinSession, sessionKeyParts, sessionLifetimeFor } from '#core/sessions/session'
import type { BotContext } from '#src/bot/context'

/**
 * True where a container of this person's stands ready for just this: then nothing is made, and there is nothing to ask the
 * cluster about. The worker looks again.
 */
export async function hasWarmSession(
  context: BotContext,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Exclude<Decision, { effect: 'deny' }>,
): Promise<boolean> {
  if (decision.effect !== 'allow' || decision.unapproved !== undefined) return false
  const { policy, keep } = context.rules()
  const run = { request, spec, set: decision.set }
  const stay = sessionLifetimeFor(run, policy.sets, keep)
  if (stay === undefined) return false
  const session = await context.sessions.find(context.hash(sessionKeyParts(run)), stay.idle)
  return session !== undefined && session !== 'forged' && endsWithinSession(session, spec, context.now().toISOString())
}
