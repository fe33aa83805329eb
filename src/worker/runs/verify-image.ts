import { imageName, movedTag, tagged } from '#core/request/image'
import type { End, Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'

/** Seconds that a remembered answer about a tag may be old. */
const maxAnswerAgeSeconds = 60

/**
 * Undefined when the image's tag still stands for the bytes that were pinned, else the ending that says that it was moved. Somebody
 * who moves a tag between an approval and its run has a reason that those who approved didn't know.
 */
export async function checkImageUnchanged(context: WorkerContext, run: Run): Promise<End | undefined> {
  const { image } = run.spec
  const approved = run.approval !== undefined || run.under !== undefined
  const isPinned = imageName(image).digest !== undefined
  if (!approved && !isPinned) return undefined
  const answer = await resolveTag(context, image, approved)
  // A registry that can't be asked changes nothing about what runs: a pod made from a digest has those bytes or doesn't start. To
  // refuse would let whoever can stop the registry stop every approved run, in an outage most of all.
  if ('problem' in answer && isPinned) return undefined
  const message = isPinned && 'image' in answer ? describeMove(image, answer.image, approved) : describeUnpinned(answer)
  if (message === undefined) return undefined
  context.log.warn({ run: run.id, image, answer }, 'the image is not the one that was decided on')
  await context.audit('alarm', run.id, run.request.by.id, { why: message, image })
  return { reason: 'refused', at: context.now().toISOString(), message, complete: true }
}

/** What nobody had to approve is compared with a remembered answer first; only a difference is worth a new question. */
async function resolveTag(
  context: WorkerContext,
  image: string,
  approved: boolean,
): ReturnType<WorkerContext['images']['pin']> {
  const cached = approved ? undefined : await context.images.pin(tagged(image), maxAnswerAgeSeconds)
  if (cached !== undefined && ('problem' in cached || movedTag(image, cached.image) === undefined)) return cached
  return context.images.pin(tagged(image), 0)
}

function describeMove(pinned: string, current: string, approved: boolean): string | undefined {
  const change = movedTag(pinned, current)
  const when = approved ? 'it was approved' : 'it was asked for'
  return change === undefined ? undefined : `the image's tag was moved since ${when}: ${change}`
}

/** What was approved by a tag alone runs only as long as the owner has pinning off. */
function describeUnpinned(answer: { image: string } | { problem: string }): string | undefined {
  if ('image' in answer && imageName(answer.image).digest === undefined) return undefined
  return "its image wasn't pinned when it was approved, and has to be now; ask again"
}
