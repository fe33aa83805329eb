import type { Notice } from '#core/messages/message'
import { runCard } from '#core/messages/run-card'
import type { Principal } from '#core/people/principal'
import type { Refused } from '#core/ports/directory'
import type { Run } from '#core/runs/run'
import type { House } from '#src/bot/context'
import { enqueue } from '#src/bot/runs/enqueue'
import { endUnrun } from '#src/lifecycle/end-unstarted'
import { decideAgain } from '#src/lifecycle/revalidate'
import { show } from '#src/lifecycle/update-message'

/** An approved run: into the queue, if it is still what was asked, and today's policy still has it for who asked. */
export async function release(house: House, run: Run, asker: Principal | Refused, now: string): Promise<void> {
  const changed = house.hash(run.spec) !== run.approval?.specHash
  const why = changed ? 'what was stored is not what was asked' : await whyNot(house, run, asker, now)
  if (why !== undefined) return endUnrun(house, run, 'queued', { reason: 'refused', message: why })
  const counting = run.approval?.reviews.filter(({ as }) => as.length > 0) ?? []
  const names = counting.map(({ by }) => by.name).join(', ')
  const notice: Notice = { kind: 'queued', run: runCard(run), note: `approved by ${names}` }
  await enqueue(house, run, async () => {
    await house.span(run.id, 'say "queued"', () => show(house, run.message, notice))
    return run
  })
}

async function whyNot(house: House, run: Run, asker: Principal | Refused, now: string): Promise<string | undefined> {
  if ('refused' in asker) return `${run.request.by.name} is not served any more: ${asker.refused}`
  const destinations = await house.locate(run.request.destinations)
  const { decision, change } = decideAgain({ ...run.request, destinations }, asker, house.rules().policy, now)
  return decision.effect === 'deny' ? `${change} meanwhile: ${decision.message}` : undefined
}
