import type { End, EndReason } from '#core/runs/run'

const endings = {
  completed: 'Done, exit code 0,',
  'nothing-found': 'Nothing found, exit code 1,',
  failed: 'Failed',
  'start-timeout': 'Not started',
  deadline: 'Stopped at its deadline',
  canceled: 'Canceled',
  paused: 'Ended by a pause',
  'output-limit': 'Stopped for too much output',
  'target-gone': 'Target gone',
  'image-unavailable': 'Image unavailable',
  lost: 'Lost',
  refused: 'Refused',
  expired: 'Expired',
  'cluster-error': 'Cluster error',
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
  if (!cutOffReasons.has(reason)) return 'may be incomplete: the output could not be verified'
  if (lines === 0) return 'incomplete: no output was received'
  return 'incomplete: cut off there; the tool may have written more'
}
