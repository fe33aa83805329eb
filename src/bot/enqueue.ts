import { endUnrun } from '#core/end-unrun'
import type { Run } from '#core/run'
import type { House } from './house.ts'
import { rememberThread } from './in-thread.ts'

/** Seconds over which a person's runs are counted, so that the queue is fair. */
const window = 60

/**
 * Hop 6: what may be run, into the queue. `ready` makes its record and its message say "queued", after the audit record and
 * before any worker can have it. A full queue ends the run, and its message says so.
 */
export async function enqueue(house: House, draft: Run, ready: () => Promise<Run>): Promise<void> {
  const record = { spec: house.hash(draft.spec) }
  await house.span(draft.id, 'record that it is queued', () =>
    house.audit('queued', draft.id, draft.request.by.id, record),
  )
  const run = await ready()
  const [place] = await Promise.all([
    house.store.count(`queued:${run.request.by.id}`, window),
    rememberThread(house, run),
  ])
  if ((await house.span(run.id, 'into the queue', () => house.queue.add(run, place))) === 'full') {
    const message = 'the queue is full: too many runs are waiting. Nothing was run; try again in a minute'
    await endUnrun(house, run, 'queued', { reason: 'refused', message })
  } else house.count('queued')
}
