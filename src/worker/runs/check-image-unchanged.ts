import { imageName, movedTag, tagged } from '#core/request/image'
import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'
import type { StartCheck } from './reauthorize.ts'

/** Maximum age, in seconds, of a cached answer about a tag. */
const maxAnswerAgeSeconds = 60

/**
 * Checks that the image's tag still refers to the pinned digest. A tag that is moved between an approval and its run was
 * moved for a reason that the approvers didn't know.
 */
export async function checkImageUnchanged(
  context: Pick<WorkerContext, 'images' | 'log' | 'audit' | 'now'>,
  run: Run,
): Promise<StartCheck> {
  const { image } = run.spec
  const approved = run.approval !== undefined || run.under !== undefined
  const isPinned = imageName(image).digest !== undefined
  if (!approved && !isPinned) return { ok: true }
  const answer = await resolveTag(context, image, approved)
  // An unreachable registry changes nothing about what runs: a pod made from a digest has those bytes or doesn't start.
  // Refusing would let anybody who can stop the registry stop every approved run, especially during an outage.
  if ('problem' in answer && isPinned) return { ok: true }
  const message = isPinned && 'image' in answer ? describeMove(image, answer.image, approved) : describeUnpinned(answer)
  if (message === undefined) return { ok: true }
  context.log.warn({ run: run.id, image, answer }, 'the image differs from the one decided on')
  await context.audit('alarm', run.id, run.request.by.id, { why: message, image })
  return { ok: false, end: { reason: 'refused', at: context.now().toISOString(), message, complete: true } }
}

/**
 * Resolves the tag of the image. A run without approval is first compared with a cached answer; the registry is asked
 * only about a difference.
 */
async function resolveTag(
  context: Pick<WorkerContext, 'images'>,
  image: string,
  approved: boolean,
): ReturnType<WorkerContext['images']['pin']> {
  const cached = approved ? undefined : await context.images.pin(tagged(image), maxAnswerAgeSeconds)
  if (cached !== undefined && ('problem' in cached || movedTag(image, cached.image) === undefined)) return cached
  return context.images.pin(tagged(image), 0)
}

function describeMove(pinned: string, current: string, approved: boolean): string | undefined {
  const change = movedTag(pinned, current)
  const when = approved ? 'it was approved' : 'it was requested'
  return change === undefined ? undefined : `the image's tag was moved after ${when}: ${change}`
}

/**
 * Returns undefined for an image that was approved by its tag alone while the owner has pinning disabled, else the
 * problem.
 */
function describeUnpinned(answer: { image: string } | { problem: string }): string | undefined {
  if ('image' in answer && imageName(answer.image).digest === undefined) return undefined
  return 'its image was not pinned when it was approved, which is now required; send the command again'
}
