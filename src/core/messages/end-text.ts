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

/** Returns a short text for an ending, to be used as the beginning of a sentence. */
export function endText(end: Pick<End, 'reason' | 'exitCode'>): string {
  return end.reason === 'failed' && end.exitCode !== undefined
    ? `Failed, exit code ${end.exitCode},`
    : endings[end.reason]
}

/** End reasons after which the output could not be read further. */
const cutOffReasons = new Set<EndReason>(['lost', 'target-gone', 'cluster-error'])

/** Returns what is known about an output that can't be proven to be complete. */
export function missingText({ reason }: Pick<End, 'reason'>, lines: number): string {
  if (!cutOffReasons.has(reason)) return 'incomplete: what arrived could not be proven to be all that the tool wrote'
  if (lines === 0) return 'incomplete: nothing of its output had come until then'
  return 'incomplete: cut off there; what came until then is shown, and the tool may have written more'
}
