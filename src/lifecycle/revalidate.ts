import { type Approval, formerApprovers, type Review } from '#core/approvals/approval'
import type { AccountRef, Principal } from '#core/people/principal'
import { type AuthorizationRequest, authorize, isFor } from '#core/policy/authorize'
import type { Decision, Policy } from '#core/policy/policy'
import type { Directory, Refused } from '#core/ports/directory'
import type { Instant } from '#core/util/instant'

type House = { directory: Directory }

/** A person as of now, by the account that they used then. An account that has become somebody else's is refused. */
export async function currentPerson(
  context: House,
  then: { id: string; account: AccountRef },
): Promise<Principal | Refused> {
  const { account } = then
  const now = await context.directory.person(account)
  if ('refused' in now || now.id === then.id) return now
  return { refused: 'This account is another person’s by now.', temporary: false, account }
}

/**
 * The approval with what its reviewers stand for by now: who has left stands for nothing, and so doesn't count. Nobody gains by it:
 * whom somebody stands for was settled when they approved. Refused only where a platform can't be asked.
 */
export async function revalidateApproval(context: House, approval: Approval): Promise<Approval | Refused> {
  const asked = await Promise.all(approval.reviews.map((review) => freshReview(context, review)))
  const away = asked.find((each) => 'refused' in each)
  return away ?? { ...approval, reviews: asked.flatMap((each) => ('refused' in each ? [] : [each])) }
}

async function freshReview(context: House, review: Review): Promise<Review | Refused> {
  // A denial is final, whatever becomes of who gave it.
  if (review.verdict === 'deny' || review.as.length === 0) return review
  const now = await currentPerson(context, { id: review.by.id, account: review.account })
  if (!('refused' in now)) return { ...review, as: review.as.filter((subject) => isFor({ to: [subject] }, now)) }
  return now.temporary ? now : { ...review, as: [] }
}

/** What is stored, with what was learnt of its reviews. One that came in between was checked when it was given, a moment ago. */
export function mergeRevalidated(stored: Approval, fresh: Approval): Approval {
  const known = (review: Review) => fresh.reviews.find(({ by, at }) => by.id === review.by.id && at === review.at)
  return { ...stored, reviews: stored.reviews.map((review) => known(review) ?? review) }
}

/** Who approved and may not any more, in words: "Bob, who approved it, may not any more". */
export function formerApproversText(approval: Approval): string {
  return `${formerApprovers(approval).join(' and ')}, who approved it, may not any more`
}

/** Today's decision on what was decided before, for the person as they are by now; and what changed, for where it says no. */
export function reauthorize(
  request: AuthorizationRequest,
  by: Principal,
  policy: Policy,
  now: Instant,
): { decision: Decision; change: string } {
  const decision = authorize({ ...request, by }, policy, now)
  const before = authorize(request, policy, now)
  const change = before.effect === decision.effect ? 'the policy changed' : `${request.by.name} left a group`
  return { decision, change }
}
