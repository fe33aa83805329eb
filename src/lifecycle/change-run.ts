import type { Broken, Store } from '#core/ports/store'
import type { Run } from '#core/runs/run'

/** What is decided on a stored run: its next state, undefined to leave it as it is, and what was found meanwhile. */
export type RunDecision<Found> = { next: Run | undefined; found: Found }

/**
 * Changes a run by compare-and-swap. Returns the run as it is stored then, with what was found on the state that counted;
 * undefined where there is no run. `decide` may be called repeatedly, each time with a newer state.
 */
export async function decideOnRun<Found>(
  store: Pick<Store, 'changeRun'>,
  id: string,
  decide: (now: Run) => RunDecision<Found>,
): Promise<{ run: Run; found: Found } | Broken | undefined> {
  let last: { found: Found } | undefined
  const run = await store.changeRun(id, (now) => {
    const { next, found } = decide(now)
    last = { found }
    return next
  })
  if (run === undefined || run === 'broken' || last === undefined) return run === 'broken' ? run : undefined
  return { run, found: last.found }
}
