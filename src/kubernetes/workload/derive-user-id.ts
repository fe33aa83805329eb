import { createHmac } from 'node:crypto'
import { defaultUidRange, type UidRange } from '#core/runs/uid-range'

/**
 * Returns the user and group id of the container that a run creates: derived from the run's id, so that it needn't be
 * stored and every worker knows it, and by a secret key, so that nobody can choose a run with the id of a certain
 * process. A process of another user doesn't show its environment, memory and files to this one.
 */
export function containerUserId(key: Buffer, runId: string, { first, size }: UidRange = defaultUidRange): number {
  const digest = createHmac('sha256', key).update(runId).digest('hex')
  return first + Number(BigInt(`0x${digest}`) % BigInt(size))
}
