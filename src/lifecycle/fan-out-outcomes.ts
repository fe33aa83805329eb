import { type Outcome, outcomeOf, outcomesKey } from '#core/fan-out/fan-out'
import { interpretOutput } from '#core/output/interpret'
import type { Store } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import { type End, keepSeconds, type Run } from '#core/runs/run'

type House = { store: Store; hash: (value: unknown) => string; catalogue: Catalogue }

/** Says to the fan-out of a run, if it has one, how far the run is. */
export async function saveOutcome(context: House, run: Run, end?: End): Promise<void> {
  if (run.fanOut === undefined) return
  const outcome: Outcome = end === undefined ? {} : await summedUp(context, run, end)
  await context.store.setField(outcomesKey(run.fanOut), run.id, JSON.stringify(outcome), keepSeconds)
}

async function summedUp(context: House, run: Run, end: End): Promise<Outcome> {
  const stored = await context.store.storedOutput(run.id)
  const headline = interpretOutput(run, end, stored, context.catalogue)?.headline
  return outcomeOf(end, stored.tail, stored.sha256 ?? context.hash(stored.tail), headline)
}

/** How far all of a fan-out's runs are, by their ids. */
export async function readOutcomes(
  store: Pick<Store, 'fields'>,
  fanOut: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const notes = await store.fields(outcomesKey(fanOut))
  return new Map([...notes].map(([run, text]) => [run, JSON.parse(text) as Outcome]))
}
