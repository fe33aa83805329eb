import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { BotContext, Rules } from '#src/bot/context'

/**
 * The spec with its image pinned by its digest, so that hash, card, audit and pod name the same bytes. `unpinned` says why what asks
 * for approval can't go on. What needs no approval runs by its tag where the digest can't be told: the node may reach a registry
 * that the bot doesn't.
 */
export async function pinImage(
  context: BotContext,
  spec: DebugSpec,
  decision: Exclude<Decision, { effect: 'deny' }>,
): Promise<{ spec: DebugSpec; unpinned?: string }> {
  const asks = decision.effect === 'ask'
  const answer = await context.images.pin(spec.image, asks ? 0 : context.timing.tagCacheMs / 1_000)
  if ('image' in answer) return { spec: { ...spec, image: answer.image } }
  context.log[asks ? 'warn' : 'info']({ image: spec.image, problem: answer.problem }, 'the image is not pinned')
  if (!asks) return { spec }
  const why = 'so what is approved could be something else when it runs'
  return { spec, unpinned: `Its image can't be pinned (${answer.problem}), ${why}.` }
}

/** What would help with an image that can't be pinned. */
export function unpinnedAdvice(request: ToolRequest, rules: Pick<Rules, 'contact'>): string {
  if (request.image !== undefined)
    return 'Leave the flags for another image out, or try again when its registry answers.'
  const owner = rules.contact ?? 'the owner of the policy'
  return `Try again when the registry answers, or ask ${owner} to set shell.image.digest.`
}
