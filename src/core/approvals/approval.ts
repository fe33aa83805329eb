import type { MessageRef } from '#core/messages/thread-ref'
import type { AccountRef, Principal } from '#core/people/principal'
import { isFor } from '#core/policy/authorize'
import type { ApprovalRule, Subject } from '#core/policy/policy'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'

export type Review = {
  by: { id: string; name: string }
  /** Account that the review was given with; used to revalidate the reviewer's identity. */
  account: AccountRef
  verdict: 'approve' | 'deny'
  at: Instant
  reason?: string
  /**
   * Subjects of the rule that the reviewer matches; emptied for a reviewer who may no longer approve: it doesn't count.
   */
  as: readonly Subject[]
  /** Seconds for which the approval also covers further requests. */
  window?: number
  /** Id of the passkey that confirmed the review. */
  passkey?: string
  /** Hash of the spec that was confirmed with the passkey. */
  confirmed?: string
}

/** Approval process of a request. Its state is computed by `approvalState`, never stored. */
export type Approval = {
  /** Hash of the requested spec, so that exactly what was approved is run. */
  specHash: string
  rule: ApprovalRule
  /** Person id of the requester, who may never review the request. */
  requester: string
  expiresAt: Instant
  reviews: readonly Review[]
  /** Messages in the approvers' channel that show the request, besides the run's own message. */
  cards: readonly MessageRef[]
}

export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired'

export type ReviewRefusal = {
  refused: 'own-request' | 'not-a-reviewer' | 'reviewed-already' | 'not-pending' | 'no-window' | 'unconfirmed'
  message: string
}

/** Returns the state: one denial denies the request; a request that isn't decided before it expires stays expired. */
export function approvalState(approval: Approval, now: Instant): ApprovalState {
  if (approval.reviews.some((review) => review.verdict === 'deny')) return 'denied'
  if (missingApprovals(approval).count === 0) return 'approved'
  return Date.parse(now) >= Date.parse(approval.expiresAt) ? 'expired' : 'pending'
}

/** Returns true for a request that is undecided after more than half of its time to be decided. */
export function isPastHalfTime(approval: Approval, now: Instant): boolean {
  const leftMs = Date.parse(approval.expiresAt) - Date.parse(now)
  return approvalState(approval, now) === 'pending' && leftMs < approval.rule.within * 500
}

/** Returns true for an approval by a reviewer who may no longer approve. */
export const isLapsed = ({ verdict, as }: Review) => verdict === 'approve' && as.length === 0

/** Returns the approvals by people who may still approve. */
export function currentApprovals({ reviews }: Pick<Approval, 'reviews'>): readonly Review[] {
  return reviews.filter((review) => review.verdict === 'approve' && !isLapsed(review))
}

/** Returns the approvals that count: by people who may still approve, with a passkey where the rule requires one. */
const getValidApprovals = (approval: Approval) =>
  currentApprovals(approval).filter(({ passkey }) => approval.rule.confirm === undefined || passkey !== undefined)

/** Returns the names of reviewers whose approval no longer counts. */
export function formerApprovers({ reviews }: Approval): readonly string[] {
  return reviews.filter(isLapsed).map(({ by }) => by.name)
}

/** Returns the number of approvals that are still needed, and the subjects that may give them. */
export function missingApprovals(approval: Approval): { count: number; of: readonly Subject[] } {
  const { quorum, from } = approval.rule
  const approvals = getValidApprovals(approval)
  if (typeof quorum === 'number') return { count: Math.max(0, quorum - approvals.length), of: from }
  const unmet = findUnmetSubjects(quorum, approvals)
  return { count: unmet.length, of: unmet }
}

/**
 * Returns the subjects without an approver when each approver counts for one subject at most: a maximum bipartite
 * matching. Source: Kuhn's algorithm, augmenting paths.
 */
function findUnmetSubjects(quorum: readonly Subject[], approvals: readonly Review[]): readonly Subject[] {
  const assigned = new Map<string, number>()
  const assign = (index: number, tried: Set<string>): boolean =>
    approvals.some(({ by, as }) => {
      if (!as.includes(quorum[index] ?? '') || tried.has(by.id)) return false
      tried.add(by.id)
      const other = assigned.get(by.id)
      if (other !== undefined && !assign(other, tried)) return false
      assigned.set(by.id, index)
      return true
    })
  return quorum.filter((_subject, index) => !assign(index, new Set()))
}

/** Returns all subjects that may review a request under this rule. */
function getReviewerSubjects({ from, quorum }: ApprovalRule): readonly Subject[] {
  return typeof quorum === 'number' ? from : [...new Set([...from, ...quorum])]
}

/** Returns true for a person who may approve or deny the request: a subject of the rule, and not the requester. */
export function mayReview(approval: Approval, by: Principal): boolean {
  return by.id !== approval.requester && isFor({ to: getReviewerSubjects(approval.rule) }, by)
}

/**
 * Returns when the approval stops covering further requests of the same person, target and set; undefined if it covers
 * only this request.
 */
export function windowEnd(approval: Approval): Instant | undefined {
  const approvals = getValidApprovals(approval)
  const lengths = approvals.map(({ window }) => window ?? 0)
  const seconds = Math.min(approval.rule.window ?? 0, ...lengths)
  if (approvals.length === 0 || seconds === 0 || missingApprovals(approval).count > 0) return undefined
  if (approval.reviews.some(({ verdict }) => verdict === 'deny')) return undefined
  const decidedAtMs = Math.max(...approvals.map(({ at }) => Date.parse(at)))
  return new Date(decidedAtMs + seconds * 1_000).toISOString()
}

/** Returns the approval with the review added, or why it can't be added. Pure: the caller saves by compare-and-swap. */
export function addReview(
  approval: Approval,
  by: Principal,
  review: Pick<Review, 'verdict' | 'account' | 'reason' | 'passkey' | 'confirmed'> & { window?: boolean },
  now: Instant,
): Approval | ReviewRefusal {
  const { rule, reviews } = approval
  const state = approvalState(approval, now)
  if (by.id === approval.requester) {
    return { refused: 'own-request', message: 'You requested this yourself; somebody else has to decide it.' }
  }
  if (!mayReview(approval, by)) {
    return { refused: 'not-a-reviewer', message: `Only ${getReviewerSubjects(rule).join(', ')} can decide this.` }
  }
  if (state !== 'pending') {
    const stateText = {
      approved: 'is already approved',
      denied: 'is already denied',
      expired: `expired at ${approval.expiresAt}`,
    }
    return {
      refused: 'not-pending',
      message: `This request ${stateText[state]}; it can no longer be reviewed.`,
    }
  }
  const ownReviews = reviews.filter((each) => each.by.id === by.id && !isLapsed(each))
  if (ownReviews.some(({ verdict }) => verdict === 'deny' || review.verdict === 'approve')) {
    return { refused: 'reviewed-already', message: 'You have already approved this; it is waiting for others.' }
  }
  if (review.window === true && rule.window === undefined) {
    const message = 'The policy allows an approval of this one request only; approve it without --window.'
    return { refused: 'no-window', message }
  }
  if (review.verdict === 'approve' && rule.confirm === 'passkey' && review.passkey === undefined) {
    return { refused: 'unconfirmed', message: 'This approval must be confirmed with a passkey.' }
  }
  const newReview: Review = {
    by: { id: by.id, name: by.name },
    account: review.account,
    verdict: review.verdict,
    at: now,
    as: getReviewerSubjects(rule).filter((subject) => isFor({ to: [subject] }, by)),
    ...defined({ reason: review.reason, passkey: review.passkey, confirmed: review.confirmed }),
    ...(review.window === true && rule.window !== undefined ? { window: rule.window } : {}),
  }
  return { ...approval, reviews: [...reviews, newReview] }
}
