import type { End, EndReason } from '#core/runs/run'

const endings = {
  completed: 'Done, exit code 0,',
  failed: 'Failed',
  'start-timeout': 'Not started',
  deadline: 'Ended at its deadline',
  canceled: 'Canceled',
  'output-limit': 'Ended for too much output',
  'target-gone': 'Target gone',
  'image-unavailable': 'Image not available',
  lost: 'Lost',
  refused: 'Refused',
  expired: 'Expired',
  'cluster-error': 'Not run by the cluster',
} satisfies Record<EndReason, string>

/** An ending in a word or two, as it begins a sentence. */
export function endText(end: Pick<End, 'reason' | 'exitCode'>): string {
  return end.reason === 'failed' && end.exitCode !== undefined
    ? `Failed, exit code ${end.exitCode},`
    : endings[end.reason]
}

/** After these nobody could read on: what there is ends there. */
const cutOffReasons = new Set<EndReason>(['lost', 'target-gone', 'cluster-error'])

/** What is known of an output that isn't proven to be all. */
export function missingText({ reason }: Pick<End, 'reason'>, lines: number): string {
  if (!cutOffReasons.has(reason)) return 'incomplete: what arrived could not be proven to be all that the tool wrote'
  if (lines === 0) return 'incomplete: nothing of its output had come until then'
  return 'incomplete: cut off there; what came until then is shown, and the tool may have written more'
}
