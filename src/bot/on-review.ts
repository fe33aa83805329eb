import { type Approval, addReview, approvalState, mayReview } from '#core/approval'
import { endUnrun } from '#core/end-unrun'
import { decideAgain, freshApproval, freshPerson, withFresh } from '#core/fresh'
import type { Notice } from '#core/notice'
import type { Refused } from '#core/ports'
import type { Principal } from '#core/request'
import { type End, endedRun, type Run } from '#core/run'
import { runCard } from '#core/run-card'
import { show, showRequest } from '#core/show'
import type { Conversation } from './conversation.ts'
import { enqueue } from './enqueue.ts'
import type { House } from './house.ts'
import { keepStanding } from './standing.ts'

type Given = { verdict: 'approve' | 'deny'; reason?: string; window?: boolean }

/** Somebody decides a request of somebody else's. What is approved takes the same river again, from the decision on. */
export async function review(house: House, talk: Conversation, id: string, given: Given): Promise<void> {
  const refuse = async (message: string) => {
    await talk.say({ kind: 'refused', typed: talk.inbound.text, message })
  }
  const found = await house.store.run(id)
  const asked = found?.approval
  const seen = asked !== undefined && (found?.request.by.id === talk.person.id || mayReview(asked, talk.person))
  if (found === undefined || asked === undefined || !seen)
    return refuse(`There is no request ${id} that you could decide.`)
  if (house.isBroken(found)) {
    house.log.error({ run: id }, 'ALARM: a stored request was changed by somebody else; it is not decided')
    await house.audit('alarm', id, talk.person.id, { why: 'broken seal' })
    return refuse('The stored request was changed by somebody else. Nothing is done with it.')
  }
  const people = given.verdict === 'deny' ? undefined : await asOfNow(house, found, asked)
  if (people !== undefined && 'refused' in people)
    return refuse(`It can't be checked who asked for this and who approved it: ${people.refused} Nothing was decided.`)
  await house.audit('reviewed', id, talk.person.id, {
    verdict: given.verdict,
    ...(given.window === true ? { window: 'true' } : {}),
    ...(given.reason === undefined ? {} : { reason: given.reason }),
  })
  const now = house.now().toISOString()
  const { run, refusal, decidedHere } = await save(house, talk, found, given, people?.approval, now)
  if (run === undefined || refusal !== undefined) return refuse(refusal ?? `There is no request ${id}.`)
  house.log.info({ run: id, person: talk.person.id, verdict: given.verdict }, 'reviewed')
  await showRequest(house, run, now)
  // Compare-and-swap let exactly one review be the deciding one.
  if (decidedHere) await keepStanding(house, run, now)
  if (decidedHere && people !== undefined) await release(house, run, people.asker, now)
}

type People = { asker: Principal | Refused; approval: Approval }

/** Who asked, and whoever approved it so far, as they are by now: people leave while a request waits. */
async function asOfNow(house: House, run: Run, approval: Approval): Promise<People | Refused> {
  const { by, account } = run.request
  const [asker, fresh] = await Promise.all([freshPerson(house, { id: by.id, account }), freshApproval(house, approval)])
  if ('refused' in fresh) return fresh
  return 'refused' in asker && asker.temporary ? asker : { asker, approval: fresh }
}

/** Saves one more review, by compare and swap. */
async function save(
  house: House,
  talk: Conversation,
  { id }: Run,
  given: Given,
  fresh: Approval | undefined,
  now: string,
): Promise<{ run: Run | undefined; refusal: string | undefined; decidedHere: boolean }> {
  let refusal: string | undefined
  let decidedHere = false
  const { account } = talk.inbound
  const run = await house.store.changeRun(id, (saved) => {
    refusal = undefined
    decidedHere = false
    if (saved.approval === undefined) return undefined
    const approval = fresh === undefined ? saved.approval : withFresh(saved.approval, fresh)
    const next =
      saved.state === 'asking' ? addReview(approval, talk.person, { ...given, account }, now) : alreadyOver(saved, now)
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
  return { run, refusal, decidedHere }
}

function alreadyOver(run: Run, now: string): { refused: 'not-pending'; message: string } {
  const state = run.approval === undefined ? 'denied' : approvalState(run.approval, now)
  const how = state === 'pending' ? 'withdrawn' : state
  return { refused: 'not-pending', message: `This request was ${how} already; nothing more can be done with it.` }
}

/** Into the queue, if it is still what was asked, and today's policy still has it for who asked. */
async function release(house: House, run: Run, asker: Principal | Refused, now: string): Promise<void> {
  const changed = house.hash(run.spec) !== run.approval?.specHash
  const why = changed ? 'what was stored is not what was asked' : await whyNot(house, run, asker, now)
  if (why !== undefined) return endUnrun(house, run, 'queued', { reason: 'refused', message: why })
  const names = run.approval?.reviews.filter(({ as }) => as.length > 0).map(({ by }) => by.name)
  const notice: Notice = { kind: 'queued', run: runCard(run), note: `approved by ${names?.join(', ')}` }
  await enqueue(house, run, async () => {
    await show(house, run.message, notice)
    return run
  })
}

async function whyNot(house: House, run: Run, asker: Principal | Refused, now: string): Promise<string | undefined> {
  if ('refused' in asker) return `${run.request.by.name} is not served any more: ${asker.refused}`
  const destinations = await house.locate(run.request.destinations)
  const { decision, change } = decideAgain({ ...run.request, destinations }, asker, house.rules().policy, now)
  return decision.effect === 'deny' ? `${change} meanwhile: ${decision.message}` : undefined
}
