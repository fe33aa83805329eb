import type { Store } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { maxBatchBytes, splitBatch } from '#core/triage/batch-output'
import { formatPipeline } from '#core/util/quote'

/**
 * Returns the field of an ending's audit record that says of each command of a batch how it ended: `exit 0: ip route; deadline:
 * conntrack -S`; none for other runs.
 */
export async function batchOutcomes(
  store: Pick<Store, 'transcript'>,
  { id, request: { batch, pipeline } }: Pick<Run, 'id' | 'request'>,
): Promise<{ commands?: string }> {
  if (batch === undefined) return {}
  const text = (await store.transcript(id, maxBatchBytes)) ?? ''
  const argvs = pipeline.map((stage) => stage.argv)
  const outcomes = splitBatch(text, argvs, '').map(
    ({ output: { argv, exit, problem } }) => `${problem ?? `exit ${exit}`}: ${formatPipeline([argv])}`,
  )
  return { commands: outcomes.join('; ') }
}
