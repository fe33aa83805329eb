import { type Outcome, outcomeOf, outcomesOf } from '#core/fan-out/fan-out'
import { readOutput } from '#core/output/interpret'
import type { Store } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import { type End, keepSeconds, type Run } from '#core/runs/run'

type House = { store: Store; hash: (value: unknown) => string; catalogue: Catalogue }

/** Says to the fan-out of a run, if it has one, how far the run is. */
export async function noteOutcome(house: House, run: Run, end?: End): Promise<void> {
  if (run.fanOut === undefined) return
  const outcome: Outcome = end === undefined ? {} : await summedUp(house, run, end)
  await house.store.note(outcomesOf(run.fanOut), run.id, JSON.stringify(outcome), keepSeconds)
}

async function summedUp(house: House, run: Run, end: End): Promise<Outcome> {
  const stored = await house.store.storedOutput(run.id)
  const headline = readOutput(run, end, stored, house.catalogue)?.headline
  return outcomeOf(end, stored.tail, stored.sha256 ?? house.hash(stored.tail), headline)
}

/** How far all of a fan-out's runs are, by their ids. */
export async function readOutcomes(store: Pick<Store, 'notes'>, fanOut: string): Promise<ReadonlyMap<string, Outcome>> {
  const notes = await store.notes(outcomesOf(fanOut))
  return new Map([...notes].map(([run, text]) => [run, JSON.parse(text) as Outcome]))
}
