import { type Approval, addReview, approvalState, mayReview } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { reasonText } from '#core/messages/request-facts'
import { personText } from '#core/people/person-text'
import type { Principal } from '#core/people/principal'
import type { Refused } from '#core/ports/directory'
import { verified } from '#core/ports/store'
import { pauseText } from '#core/runs/pause'
import { type End, type Run, startLimit } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { runChanged } from '#src/bot/runs/access'
import { decideOnRun } from '#src/lifecycle/change-run'
import { currentPause } from '#src/lifecycle/current-pause'
import { announceUnstarted, isRequest } from '#src/lifecycle/end-unstarted'
import { notifyRequester } from '#src/lifecycle/notify-requester-of-decision'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { currentPerson, mergeRevalidated, revalidateApproval } from '#src/lifecycle/revalidate'
import { updateRequestMessages } from '#src/lifecycle/update-message'
import { release, showApproved } from './release.ts'
import { requirePasskey } from './require-passkey.ts'
import type { Reviewer, Verdict } from './review-types.ts'
import { saveStandingApproval } from './standing-approval.ts'

/** Decides another person's request, by typed text or by a button; the request's own messages show the result. */
export async function review(context: BotContext, ctx: CommandContext, id: string, given: Verdict): Promise<void> {
  const { thread, account } = ctx.inbound
  const { person, markSaved, typed } = ctx
  const by = { person, account, typed: typed.text, thread, markSaved }
  const result = await decideRequest(context, by, id, given)
  if (!result.ok) await ctx.reply(result.answer)
}

/** Whether a review was saved, which the request's messages show; `answer`: the reply to the reviewer where it wasn't. */
export type ReviewResult = { ok: true } | { ok: false; answer: Message }

/** Decides a request. */
export async function decideRequest(
  context: BotContext,
  by: Reviewer,
  id: string,
  given: Verdict,
): Promise<ReviewResult> {
  const { person, typed } = by
  const refused = (message: string): ReviewResult => ({ ok: false, answer: { kind: 'refused', typed, message } })
  const found = await context.store.run(id)
  if (found === 'broken') return { ok: false, answer: runChanged(typed, id) }
  if (found?.approval === undefined || !mayDecide(person, found, found.approval))
    return refused(`There is no request ${id} that you can decide.`)
  if (given.specHash !== undefined && given.specHash !== context.hash(found.spec)) {
    await raiseAlarm(context, id, person.id, 'what is stored is not what was confirmed')
    return refused(
      'What you confirmed is not what is stored: something other than this bot changed it. Nothing was decided.',
    )
  }
  const pause = given.verdict === 'approve' ? await currentPause(context) : undefined
  if (pause !== undefined) return refused(`Nothing was decided: ${pauseText(pause)}.`)
  const confirmation = await requirePasskey(context, by, found, given)
  if (confirmation !== undefined) return { ok: false, answer: confirmation }
  const people = given.verdict === 'deny' ? undefined : await revalidatePeople(context, found, found.approval)
  if (people !== undefined && 'refused' in people)
    return refused(`Nothing was decided: the requester and the approvers could not be checked. ${people.refused}`)
  const { verdict, reason, window, passkey } = given
  const details = {
    verdict,
    ...(window === true ? { window: 'true' } : {}),
    ...defined({ reason, passkey }),
  }
  await context.span(id, 'audit-review', () => context.audit('reviewed', id, person.id, details))
  const now = context.now().toISOString()
  const saved = await context.span(id, 'save-review', () => saveReview(context, by, id, given, people?.approval, now))
  if ('refused' in saved) {
    await context.audit('review-refused', id, person.id, { why: saved.refused })
    return refused(saved.message)
  }
  by.markSaved?.()
  const { run, decidedHere } = saved
  context.log.info({ run: id, person: person.id, verdict }, 'reviewed')
  await context.span(id, 'show-review', () => showReview(context, run, now))
  // Compare-and-swap ensures that exactly one review is the deciding one.
  if (decidedHere) await saveStandingApproval(context, run, now)
  if (decidedHere && people !== undefined) await release(context, run, people.asker, now)
  if (decidedHere) await context.span(id, 'notify-requester', () => notifyRequester(context, run, now))
  return { ok: true }
}

/** Shows a saved review in the request's messages; and what is saved now, where these edits may have replaced a later one. */
async function showReview(context: BotContext, run: Run, now: string): Promise<void> {
  if (run.end !== undefined) return announceUnstarted(context, run)
  await updateRequestMessages(context, run, now)
  if (run.state !== 'asking') return
  const current = verified(await context.store.run(run.id))
  if (current?.approval === undefined || !wasReviewedSince(run, current)) return
  if (current.state === 'asking' || isRequest(current)) return showReview(context, current, now)
  await updateRequestMessages(context, current, now)
  await showApproved(context, current)
}

function wasReviewedSince(shown: Run, current: Run): boolean {
  return current.state !== 'asking' || current.approval?.reviews.length !== shown.approval?.reviews.length
}

function mayDecide(person: Principal, { request }: Run, approval: Approval): boolean {
  return request.by.id === person.id || mayReview(approval, person)
}

/** Completes a review that a bot saved and died afterwards. Returns false where the person's review isn't saved. */
export async function resumeReview(
  context: BotContext,
  { person, markSaved }: Pick<CommandContext, 'person' | 'markSaved'>,
  id: string,
  verdict: Verdict['verdict'],
): Promise<boolean> {
  const run = verified(await context.store.run(id))
  const approval = run?.approval
  if (run === undefined || approval === undefined || !mayDecide(person, run, approval)) return false
  if (!approval.reviews.some((each) => each.by.id === person.id && each.verdict === verdict)) return false
  markSaved()
  const now = context.now().toISOString()
  // Leaves the message of a run that has started to its worker.
  const hasStarted = approvalState(approval, now) === 'approved' && run.state !== 'queued'
  if (!hasStarted) await showReview(context, run, now)
  if (run.state === 'queued') {
    await saveStandingApproval(context, run, now)
    if (!(await context.queue.has(run.id))) {
      const people = await revalidatePeople(context, run, approval)
      if ('refused' in people)
        throw new Error(`the requester and the approvers could not be checked: ${people.refused}`)
      await release(context, run, people.asker, now)
    }
  }
  await context.span(run.id, 'notify-requester', () => notifyRequester(context, run, now))
  return true
}

type People = { asker: Principal | Refused; approval: Approval }

/** Looks up the requester and the approvers so far as currently known: people leave while a request waits. */
async function revalidatePeople(
  context: Pick<BotContext, 'directory'>,
  run: Run,
  approval: Approval,
): Promise<People | Refused> {
  const { by, account } = run.request
  const [asker, revalidated] = await Promise.all([
    currentPerson(context, { id: by.id, account }),
    revalidateApproval(context, approval),
  ])
  if ('refused' in revalidated) return revalidated
  return 'refused' in asker && asker.temporary ? asker : { asker, approval: revalidated }
}

/** What became of a review: whether it was the deciding one, or why it isn't saved. */
type Review = { decidedHere: boolean } | { refusal: { refused: string; message: string } }

type Saved = { run: Run; decidedHere: boolean } | { refused: string; message: string }

/** Saves a review by compare-and-swap. */
async function saveReview(
  context: Pick<BotContext, 'hash' | 'store'>,
  { person, account }: Reviewer,
  id: string,
  given: Verdict,
  revalidated: Approval | undefined,
  now: string,
): Promise<Saved> {
  const saved = await decideOnRun<Review>(context.store, id, (run) => {
    if (run.approval === undefined) return { next: undefined, found: { decidedHere: false } }
    const approval = revalidated === undefined ? run.approval : mergeRevalidated(run.approval, revalidated)
    const { specHash: confirmed, ...own } = given
    if (confirmed !== undefined && confirmed !== context.hash(run.spec)) {
      const refusal = { refused: 'changed', message: 'The stored request differs from what you confirmed.' }
      return { next: undefined, found: { refusal } }
    }
    const review = { ...own, account, ...(confirmed === undefined ? {} : { confirmed }) }
    const reviewed = run.state === 'asking' ? addReview(approval, person, review, now) : refuseDecided(run, now)
    if ('refused' in reviewed) return { next: undefined, found: { refusal: reviewed } }
    const state = approvalState(reviewed, now)
    const found = { decidedHere: state === 'approved' || state === 'denied' }
    const next = { ...run, approval: reviewed }
    if (state === 'approved')
      return { next: { ...next, state: 'queued', queuedAt: now, notAfter: startLimit(now) }, found }
    if (state !== 'denied') return { next, found }
    const why = given.reason === undefined ? '' : `: ${reasonText(given.reason)}`
    const end: End = { reason: 'refused', at: now, complete: true, message: `denied by ${personText(person)}${why}` }
    return { next: { ...next, state: 'ended', end }, found }
  })
  if (saved === undefined) return { refused: 'gone', message: `There is no request ${id}.` }
  if (saved === 'broken')
    return { refused: 'changed', message: `Request ${id} was changed in Redis; it is not decided.` }
  return 'refusal' in saved.found ? saved.found.refusal : { run: saved.run, decidedHere: saved.found.decidedHere }
}

function refuseDecided(run: Run, now: string): { refused: 'not-pending'; message: string } {
  const state = run.approval === undefined ? 'denied' : approvalState(run.approval, now)
  const how = state === 'pending' ? 'withdrawn' : state
  return { refused: 'not-pending', message: `This request is already ${how}; it can no longer be reviewed.` }
}
