import { type Approval, formerApprovers, type Review } from '#core/approvals/approval'
import type { AccountRef, Principal } from '#core/people/principal'
import { type AuthorizationRequest, authorize, isFor } from '#core/policy/authorize'
import type { Decision, Policy } from '#core/policy/policy'
import type { Directory, Refused } from '#core/ports/directory'
import type { Instant } from '#core/util/instant'

type DirectoryContext = { directory: Directory }

/**
 * Returns a person as currently known, by the account that they used then. Refuses an account that belongs to another
 * person by now.
 */
export async function currentPerson(
  context: DirectoryContext,
  then: { id: string; account: AccountRef },
): Promise<Principal | Refused> {
  const { account } = then
  const now = await context.directory.person(account)
  if ('refused' in now || now.id === then.id) return now
  return { refused: 'This account now belongs to another person.', temporary: false, account }
}

/**
 * Returns the approval with the subjects of the rule that its reviewers currently match. A person who has left matches
 * none, so their review doesn't count. No review gains subjects: those were settled when the person approved. Refused
 * only where a platform can't be asked.
 */
export async function revalidateApproval(context: DirectoryContext, approval: Approval): Promise<Approval | Refused> {
  const results = await Promise.all(approval.reviews.map((review) => revalidateReview(context, review)))
  const unavailable = results.find((each) => 'refused' in each)
  return unavailable ?? { ...approval, reviews: results.flatMap((each) => ('refused' in each ? [] : [each])) }
}

async function revalidateReview(context: DirectoryContext, review: Review): Promise<Review | Refused> {
  // A denial is final, even where the reviewer has left.
  if (review.verdict === 'deny' || review.as.length === 0) return review
  const now = await currentPerson(context, { id: review.by.id, account: review.account })
  if (!('refused' in now)) return { ...review, as: review.as.filter((subject) => isFor({ to: [subject] }, now)) }
  return now.temporary ? now : { ...review, as: [] }
}

/**
 * Merges revalidated reviews into the stored approval. A review that was added in between was checked when it was
 * given, a moment ago.
 */
export function mergeRevalidated(stored: Approval, revalidated: Approval): Approval {
  const findRevalidated = (review: Review) =>
    revalidated.reviews.find(({ by, at }) => by.id === review.by.id && at === review.at)
  return { ...stored, reviews: stored.reviews.map((review) => findRevalidated(review) ?? review) }
}

/** Names those who approved and may not any more: "Bob, who approved it, may no longer do so". */
export function formerApproversText(approval: Approval): string {
  return `${formerApprovers(approval).join(' and ')}, who approved it, may no longer do so`
}

/**
 * Decides a request again by the current policy, for the person as currently known; `change` says what changed, for a
 * decision that denies it.
 */
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
