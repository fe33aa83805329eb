import { type Approval, addReview, approvalState, mayReview } from '#core/approvals/approval'
import type { Notice } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import type { Refused } from '#core/ports/directory'
import type { End, Run } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { tellUnrun } from '#src/lifecycle/end-unstarted'
import { freshApproval, freshPerson, withFresh } from '#src/lifecycle/revalidate'
import { showRequest } from '#src/lifecycle/update-message'
import { release } from './release.ts'
import { confirmFirst } from './require-passkey.ts'
import type { Given, Reviewer } from './reviewer.ts'
import { keepStanding } from './standing-approval.ts'

/** Somebody decides a request of somebody else's, in words or by a button; the request's own messages show what came of it. */
export async function review(house: House, talk: Conversation, id: string, given: Given): Promise<void> {
  const { text, thread, account } = talk.inbound
  const { person, again, stands: saved } = talk
  const answer = await decideRequest(house, { person, account, typed: text, thread, again, saved }, id, given)
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
  if (by.again && hasReview(found.approval, person, given)) {
    by.saved?.()
    return goOn(house, found, found.approval)
  }
  const first = await confirmFirst(house, by, found, given)
  if (first !== undefined) return first
  const people = given.verdict === 'deny' ? undefined : await asOfNow(house, found, found.approval)
  if (people !== undefined && 'refused' in people)
    return refused(`It can't be checked who asked for this and who approved it: ${people.refused} Nothing was decided.`)
  const { verdict, reason, window, passkey } = given
  const details = {
    verdict,
    ...(window === true ? { window: 'true' } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(passkey === undefined ? {} : { passkey }),
  }
  await house.span(id, 'record the review', () => house.audit('reviewed', id, person.id, details))
  const now = house.now().toISOString()
  const saved = await house.span(id, 'save the review', () => save(house, by, id, given, people?.approval, now))
  if ('refused' in saved) {
    await house.audit('review-refused', id, person.id, { why: saved.refused })
    return refused(saved.message)
  }
  by.saved?.()
  const { run, decidedHere } = saved
  house.log.info({ run: id, person: person.id, verdict }, 'reviewed')
  await house.span(id, 'show the review', () => showReview(house, run, now))
  // Compare-and-swap let exactly one review be the deciding one.
  if (decidedHere) await keepStanding(house, run, now)
  if (decidedHere && people !== undefined) await release(house, run, people.asker, now)
  return undefined
}

async function showReview(house: House, run: Run, now: string): Promise<void> {
  if (run.end === undefined) await showRequest(house, run, now)
  else await tellUnrun(house, run)
}

function hasReview({ reviews }: Approval, { id }: Principal, { verdict }: Given): boolean {
  return reviews.some(({ by, verdict: given }) => by.id === id && given === verdict)
}

/** What follows a review that a bot saved which was cut off then. */
async function goOn(house: House, run: Run, approval: Approval): Promise<Notice | undefined> {
  const now = house.now().toISOString()
  // The message of a run that began belongs to its worker.
  const begun = approvalState(approval, now) === 'approved' && run.state !== 'queued'
  if (!begun) await showReview(house, run, now)
  if (run.state !== 'queued') return undefined
  await keepStanding(house, run, now)
  if (await house.queue.has(run.id)) return undefined
  const people = await asOfNow(house, run, approval)
  if ('refused' in people) throw new Error(`who asked and who approved can't be told: ${people.refused}`)
  await release(house, run, people.asker, now)
  return undefined
}

type People = { asker: Principal | Refused; approval: Approval }

/** Who asked, and whoever approved it so far, as they are by now: people leave while a request waits. */
async function asOfNow(house: House, run: Run, approval: Approval): Promise<People | Refused> {
  const { by, account } = run.request
  const [asker, fresh] = await Promise.all([freshPerson(house, { id: by.id, account }), freshApproval(house, approval)])
  if ('refused' in fresh) return fresh
  return 'refused' in asker && asker.temporary ? asker : { asker, approval: fresh }
}

type Saved = { run: Run; decidedHere: boolean } | { refused: string; message: string }

/** Saves one more review, by compare and swap. */
async function save(
  house: House,
  { person, account }: Reviewer,
  id: string,
  given: Given,
  fresh: Approval | undefined,
  now: string,
): Promise<Saved> {
  let refusal: { refused: string; message: string } | undefined
  let decidedHere = false
  const run = await house.store.changeRun(id, (saved) => {
    refusal = undefined
    decidedHere = false
    if (saved.approval === undefined) return undefined
    const approval = fresh === undefined ? saved.approval : withFresh(saved.approval, fresh)
    const review = { ...given, account }
    const next = saved.state === 'asking' ? addReview(approval, person, review, now) : alreadyOver(saved, now)
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
    return house.seal({ ...saved, approval: next, state: 'ended', end })
  })
  if (run === undefined) return { refused: 'gone', message: `There is no request ${id}.` }
  return refusal ?? { run, decidedHere }
}

function alreadyOver(run: Run, now: string): { refused: 'not-pending'; message: string } {
  const state = run.approval === undefined ? 'denied' : approvalState(run.approval, now)
  const how = state === 'pending' ? 'withdrawn' : state
  return { refused: 'not-pending', message: `This request was ${how} already; nothing more can be done with it.` }
}
