import { addReview, approvalState, mayReview } from '#core/approval'
import type { Notice } from '#core/notice'
import type { Principal } from '#core/request'
import { type End, endedRun, type Run } from '#core/run'
import { showRequest } from '#core/show'
import { confirmFirst } from './confirm-first.ts'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'
import { release } from './release.ts'
import type { Given, Reviewer } from './reviewer.ts'
import { keepStanding } from './standing.ts'

/** Somebody decides a request of somebody else's, in words or by a button; the request's own messages show what came of it. */
export async function review(house: House, talk: Conversation, id: string, given: Given): Promise<void> {
  const { text, thread } = talk.inbound
  const answer = await decideRequest(house, { person: talk.person, typed: text, thread }, id, given)
  if (answer !== undefined) await talk.say(answer)
}

/** Answers what is to be said besides; undefined where the request's messages say it all. */
export async function decideRequest(house: House, by: Reviewer, id: string, given: Given): Promise<Notice | undefined> {
  const { person, typed } = by
  const refused = (message: string): Notice => ({ kind: 'refused', typed, message })
  const found = await house.store.run(id)
  const mine = found?.request.by.id === person.id
  if (found?.approval === undefined || !(mine || mayReview(found.approval, person)))
    return refused(`There is no request ${id} that you could decide.`)
  if (house.isBroken(found)) {
    house.log.error({ run: id }, 'ALARM: a stored request was changed by somebody else; it is not decided')
    await house.audit('alarm', id, person.id, { why: 'broken seal' })
    return refused('The stored request was changed by somebody else. Nothing is done with it.')
  }
  const first = await confirmFirst(house, by, found, given)
  if (first !== undefined) return first
  const { verdict, reason, window, passkey } = given
  await house.audit('reviewed', id, person.id, {
    verdict,
    ...(window === true ? { window: 'true' } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(passkey === undefined ? {} : { passkey }),
  })
  const now = house.now().toISOString()
  const saved = await save(house, person, id, given, now)
  if ('refused' in saved) {
    await house.audit('review-refused', id, person.id, { why: saved.refused })
    return refused(saved.message)
  }
  const { run, decidedHere } = saved
  house.log.info({ run: id, person: person.id, verdict }, 'reviewed')
  await showRequest(house, run, now)
  // Compare-and-swap let exactly one review be the deciding one.
  if (decidedHere) await keepStanding(house, run, now)
  if (decidedHere && run.state === 'queued') await release(house, run, now)
  return undefined
}

type Saved = { run: Run; decidedHere: boolean } | { refused: string; message: string }

async function save(house: House, person: Principal, id: string, given: Given, now: string): Promise<Saved> {
  let refusal: { refused: string; message: string } | undefined
  let decidedHere = false
  const run = await house.store.changeRun(id, (saved) => {
    refusal = undefined
    decidedHere = false
    if (saved.approval === undefined) return undefined
    const next = saved.state === 'asking' ? addReview(saved.approval, person, given, now) : alreadyOver(saved, now)
    if ('refused' in next) {
      refusal = next
      return undefined
    }
    const state = approvalState(next, now)
    decidedHere = state === 'approved' || state === 'denied'
    if (state === 'approved') return house.seal({ ...saved, approval: next, state: 'queued', queuedAt: now })
    if (state !== 'denied') return house.seal({ ...saved, approval: next })
    const why = given.reason === undefined ? '' : `: ${given.reason}`
    const end: End = { reason: 'refused', at: now, complete: true, message: `denied by ${person.name}${why}` }
    return house.seal(endedRun({ ...saved, approval: next }, end))
  })
  if (run === undefined) return { refused: 'gone', message: `There is no request ${id}.` }
  return refusal ?? { run, decidedHere }
}

function alreadyOver(run: Run, now: string): { refused: 'not-pending'; message: string } {
  const state = run.approval === undefined ? 'denied' : approvalState(run.approval, now)
  const how = state === 'pending' ? 'withdrawn' : state
  return { refused: 'not-pending', message: `This request was ${how} already; nothing more can be done with it.` }
}
