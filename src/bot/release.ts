import { decide } from '#core/decide'
import { endUnrun } from '#core/end-unrun'
import type { Notice } from '#core/notice'
import type { Run } from '#core/run'
import { runCard } from '#core/run-card'
import { show } from '#core/show'
import { enqueue } from './enqueue.ts'
import type { House } from './house.ts'

/** An approved run: into the queue, if it is still what was asked and today's policy still has it. */
export async function release(house: House, run: Run, now: string): Promise<void> {
  const destinations = await house.locate(run.request.destinations)
  const decision = decide({ ...run.request, destinations }, house.rules().policy, now)
  const changed = house.hash(run.spec) !== run.approval?.specHash
  const why = changed
    ? 'what was stored is not what was asked'
    : decision.effect === 'deny'
      ? `the policy changed meanwhile: ${decision.message}`
      : undefined
  if (why !== undefined) return endUnrun(house, run, 'queued', { reason: 'refused', message: why })
  const names = run.approval?.reviews.map(({ by }) => by.name).join(', ')
  const notice: Notice = { kind: 'queued', run: runCard(run), note: `approved by ${names}` }
  await enqueue(house, run, async () => {
    await show(house, run.message, notice)
    return run
  })
}
