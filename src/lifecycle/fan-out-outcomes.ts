import { type Outcome, outcomeOf } from '#core/fan-out/fan-out'
import { interpretOutput } from '#core/output/interpret'
import { type Store, verified } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import { type End, type Run, runRetentionSeconds } from '#core/runs/run'
import { loadVerifiedOutput } from './verify-output.ts'

type OutcomeContext = { store: Store; hash: (value: unknown) => string; catalogue: Catalogue }

/** Saves the progress of a run for its fan-out, if it belongs to one. `end`: absent while the run has not ended. */
export async function saveOutcome(context: OutcomeContext, run: Run, end?: End): Promise<void> {
  if (run.fanOut === undefined) return
  const outcome: Outcome = end === undefined ? {} : await summarizeEnd(context, run, end)
  await context.store.setField('outcomes', run.fanOut, run.id, outcome, runRetentionSeconds)
}

async function summarizeEnd(context: OutcomeContext, run: Run, end: End): Promise<Outcome> {
  const stored = await loadVerifiedOutput(context.store, run)
  if (stored.changed) return { ...outcomeOf(end, '', context.hash(stored.tail), changedOutput) }
  const headline = interpretOutput(run, end, stored, context.catalogue)?.headline
  return outcomeOf(end, stored.tail, stored.sha256 ?? context.hash(stored.tail), headline)
}

const changedOutput = 'the stored output was changed'

/** Returns the progress of all runs of a fan-out, by run id. */
export async function readOutcomes(
  store: Pick<Store, 'fields'>,
  fanOut: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const fields = await store.fields('outcomes', fanOut)
  return new Map(
    [...fields].flatMap(([run, stored]) => {
      const outcome = verified(stored)
      return outcome === undefined ? [] : [[run, outcome] as const]
    }),
  )
}
