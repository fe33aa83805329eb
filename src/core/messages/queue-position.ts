import { currentApprovals } from '#core/approvals/approval'
import type { Run } from '#core/runs/run'

/**
 * Position of a waiting run in the queue, or in the waiting list of its node or cluster where that is `busy` (has no
 * free concurrency slot). `before`: number of runs ahead of it.
 */
export type QueuePosition = { run: string; before: number; busy?: 'node' | 'cluster' }

/** Returns what a waiting run waits for; undefined for the next run of the queue. */
export function queuePositionText({ before, busy }: Omit<QueuePosition, 'run'>): string | undefined {
  const waitingText = before === 1 ? 'One run is ahead of it' : `${before} runs are ahead of it`
  if (busy === undefined) return before === 0 ? undefined : `${waitingText}.`
  const busyText =
    busy === 'node' ? 'Its node is at its limit of concurrent runs' : 'Its cluster is at its limit of concurrent runs'
  const turnText = before === 0 ? 'it is next' : waitingText.toLowerCase()
  return `${busyText}; ${turnText}.`
}

/** Returns how a queued run was approved; undefined for a run that needs no approval. */
export function approvedText({ approval, request, under }: Run): string | undefined {
  if (request.breakGlass === true) return 'Without approval: break-glass used; this is on record.'
  if (under !== undefined) return `Covered by a standing approval (${under}).`
  if (approval === undefined) return undefined
  const names = currentApprovals(approval).map(({ by }) => by.name)
  return `Approved by ${names.join(', ')}.`
}
