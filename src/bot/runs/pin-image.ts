import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { BotContext, Rules } from '#src/bot/context'

/**
 * Pins the image of a spec by its digest, so that hash, approval message, audit log and pod name the same bytes.
 * `unpinned` says why a run that needs approval can't go on. A run that needs no approval uses its tag where the digest
 * is unknown: the node may reach a registry that the bot doesn't.
 */
export async function pinImage(
  context: Pick<BotContext, 'timing' | 'images' | 'log'>,
  spec: DebugSpec,
  decision: Exclude<Decision, { effect: 'deny' }>,
): Promise<{ spec: DebugSpec; unpinned?: string }> {
  const needsApproval = decision.effect === 'ask'
  const pinned = await context.images.pin(spec.image, needsApproval ? 0 : context.timing.tagCacheMs / 1_000)
  if ('image' in pinned) return { spec: { ...spec, image: pinned.image } }
  context.log[needsApproval ? 'warn' : 'info'](
    { image: spec.image, problem: pinned.problem },
    'the image is not pinned',
  )
  if (!needsApproval) return { spec }
  const risk = 'so a different image could run than the one approved'
  return { spec, unpinned: `The image can't be pinned to a digest (${pinned.problem}), ${risk}.` }
}

/** Returns advice for an image that can't be pinned. */
export function unpinnedAdvice(request: ToolRequest, rules: Pick<Rules, 'contact'>): string {
  if (request.image !== undefined)
    return 'Leave out the flags for another image, or try again when its registry is reachable.'
  const owner = rules.contact ?? 'the owner of the policy'
  return `Try again when the registry is reachable, or ask ${owner} to set shell.image.digest.`
}
