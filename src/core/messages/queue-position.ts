import type { Run } from '#core/runs/run'

/**
 * Position of a waiting run in the queue, or in the waiting list of its node or cluster where that is `busy` (has no
 * free concurrency slot). `before`: number of runs ahead of it.
 */
export type QueuePosition = { run: string; before: number; busy?: 'node' | 'cluster' }

/** Returns what a waiting run waits for; undefined for the next run of the queue. */
export function queuePositionText({ before, busy }: Omit<QueuePosition, 'run'>): string | undefined {
  const waitingText = before === 1 ? 'One run waits' : `${before} runs wait`
  if (busy === undefined) return before === 0 ? undefined : `${waitingText} before it.`
  const busyText = busy === 'node' ? 'Its node is busy' : 'Its cluster is busy'
  const turnText = before === 0 ? 'it is next there' : `${waitingText.toLowerCase()} for it before this one`
  return `${busyText} with as many runs as it may have at a time; ${turnText}.`
}

/** Returns how a queued run was approved; undefined for a run that needs no approval. */
export function approvedText({ approval, request, under }: Run): string | undefined {
  if (request.breakGlass === true) return 'Without approval: the glass was broken, and this is on record.'
  if (under !== undefined) return `Approved for a while (${under}).`
  const names = approval?.reviews.filter(({ as }) => as.length > 0).map(({ by }) => by.name)
  return names === undefined ? undefined : `Approved by ${names.join(', ')}.`
}
