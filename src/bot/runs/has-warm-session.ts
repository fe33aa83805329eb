import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import { endsWithinSession, sessionKeyParts, sessionLifetimeFor } from '#core/sessions/session'
import type { BotContext } from '#src/bot/context'

/**
 * Returns true where a warm container of this person matches exactly this run: nothing is created, so the cluster
 * needn't be asked for a dry run. The worker checks again.
 */
export async function hasWarmSession(
  context: Pick<BotContext, 'rules' | 'hash' | 'sessions' | 'now'>,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Exclude<Decision, { effect: 'deny' }>,
): Promise<boolean> {
  if (decision.effect !== 'allow' || decision.unapproved !== undefined) return false
  const { policy, sessionIdleTimes } = context.rules()
  const run = { request, spec, set: decision.set }
  const lifetime = sessionLifetimeFor(run, policy.sets, sessionIdleTimes)
  if (lifetime === undefined) return false
  const session = await context.sessions.find(context.hash(sessionKeyParts(run)), lifetime.idle)
  return session !== undefined && session !== 'forged' && endsWithinSession(session, spec, context.now().toISOString())
}
