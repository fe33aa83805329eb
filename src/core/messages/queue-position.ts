import type { Run } from '#core/runs/run'

/** A run that waits: for its turn, or for a place on its node or its cluster, which are busy; `before`: how many come first. */
export type QueuePosition = { run: string; before: number; busy?: 'node' | 'cluster' }

/** What is in the way of a run that waits; undefined where nothing is. */
export function queuePositionText({ before, busy }: Omit<QueuePosition, 'run'>): string | undefined {
  const waitingText = before === 1 ? 'One run waits' : `${before} runs wait`
  if (busy === undefined) return before === 0 ? undefined : `${waitingText} before it.`
  const busyText = busy === 'node' ? 'Its node is busy' : 'Its cluster is busy'
  const turnText = before === 0 ? 'it is next there' : `${waitingText.toLowerCase()} for it before this one`
  return `${busyText} with as many runs as it may have at a time; ${turnText}.`
}

/** By what it waits at all, where that isn't the policy alone. */
export function approvedText({ approval, request, under }: Run): string | undefined {
  if (request.breakGlass === true) return 'Without approval: the glass was broken, and this is on record.'
  if (under !== undefined) return `Approved for a while (${under}).`
  const names = approval?.reviews.filter(({ as }) => as.length > 0).map(({ by }) => by.name)
  return names === undefined ? undefined : `Approved by ${names.join(', ')}.`
}
