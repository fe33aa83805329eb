import type { End, EndReason } from './run.ts'

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
