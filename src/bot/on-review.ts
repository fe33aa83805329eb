import { addReview, approvalState, mayReview } from '#core/approval'
import { decide } from '#core/decide'
import { endUnrun } from '#core/end-unrun'
import type { Notice } from '#core/notice'
import { type End, endedRun, type Run } from '#core/run'
import { runCard } from '#core/run-card'
import { show, showRequest } from '#core/show'
import type { Conversation } from './conversation.ts'
import { enqueue } from './enqueue.ts'
import type { House } from './house.ts'
import { keepStanding } from './standing.ts'

/** Somebody decides a request of somebody else's. What is approved takes the same river again, from the decision on. */
export async function review(
  house: House,
  talk: Conversation,
  id: string,
  given: { verdict: 'approve' | 'deny'; reason?: string; window?: boolean },
): Promise<void> {
  const typed = talk.inbound.text
  const found = await house.store.run(id)
  const seen =
    found?.approval !== undefined && (found.request.by.id === talk.person.id || mayReview(found.approval, talk.person))
  if (!seen) {
    await talk.say({ kind: 'refused', typed, message: `There is no request ${id} that you could decide.` })
    return
  }
  if (house.isBroken(found)) {
    house.log.error({ run: id }, 'ALARM: a stored request was changed by somebody else; it is not decided')
    await house.audit('alarm', id, talk.person.id, { why: 'broken seal' })
    await talk.say({
      kind: 'refused',
      typed,
      message: 'The stored request was changed by somebody else. Nothing is done with it.',
    })
    return
  }
  await house.audit('reviewed', id, talk.person.id, {
    verdict: given.verdict,
    ...(given.window === true ? { window: 'true' } : {}),
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  })
  const now = house.now().toISOString()
  let refusal: string | undefined
  let decidedHere = false
  const run = await house.store.changeRun(id, (saved) => {
    refusal = undefined
    decidedHere = false
    if (saved.approval === undefined) return undefined
    const next = saved.state === 'asking' ? addReview(saved.approval, talk.person, given, now) : alreadyOver(saved, now)
    if ('refused' in next) {
      refusal = next.message
      return undefined
    }
    const state = approvalState(next, now)
    decidedHere = state === 'approved' || state === 'denied'
    if (state === 'approved') return house.seal({ ...saved, approval: next, state: 'queued', queuedAt: now })
    if (state !== 'denied') return house.seal({ ...saved, approval: next })
    const why = given.reason === undefined ? '' : `: ${given.reason}`
    const end: End = { reason: 'refused', at: now, complete: true, message: `denied by ${talk.person.name}${why}` }
    return house.seal(endedRun({ ...saved, approval: next }, end))
  })
  if (run === undefined || refusal !== undefined) {
    await talk.say({ kind: 'refused', typed, message: refusal ?? `There is no request ${id}.` })
    return
  }
  house.log.info({ run: id, person: talk.person.id, verdict: given.verdict }, 'reviewed')
  await showRequest(house, run, now)
  // Compare-and-swap let exactly one review be the deciding one.
  if (decidedHere) await keepStanding(house, run, now)
  if (decidedHere && run.state === 'queued') await release(house, run, now)
}

function alreadyOver(run: Run, now: string): { refused: 'not-pending'; message: string } {
  const state = run.approval === undefined ? 'denied' : approvalState(run.approval, now)
  const how = state === 'pending' ? 'withdrawn' : state
  return { refused: 'not-pending', message: `This request was ${how} already; nothing more can be done with it.` }
}

/** Into the queue, if it is still what was asked and today's policy still has it. */
async function release(house: House, run: Run, now: string): Promise<void> {
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
