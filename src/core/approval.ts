import { isFor } from './decide.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRule } from './policy.ts'
import type { MessageRef, Principal } from './request.ts'

export type Review = {
  by: { id: string; name: string }
  verdict: 'approve' | 'deny'
  at: Instant
  reason?: string
}

/** A request that waits for others. Its state is computed from this, never stored. */
export type Approval = {
  /** Hash of what was asked: what is approved is what runs. */
  specHash: string
  rule: ApprovalRule
  /** Who asked: never among those who approve. */
  requester: string
  expiresAt: Instant
  reviews: readonly Review[]
  /** Messages besides the run's own that show it, in the approvers' channel. */
  cards: readonly MessageRef[]
}

export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired'

export type ReviewRefusal = {
  refused: 'own-request' | 'not-a-reviewer' | 'reviewed-already' | 'not-pending'
  message: string
}

/** One denial denies; expiry is final for what wasn't decided before it. */
export function approvalState(approval: Approval, now: Instant): ApprovalState {
  if (approval.reviews.some((review) => review.verdict === 'deny')) return 'denied'
  const approvals = approval.reviews.filter((review) => review.verdict === 'approve').length
  if (approvals >= approval.rule.quorum) return 'approved'
  return Date.parse(now) >= Date.parse(approval.expiresAt) ? 'expired' : 'pending'
}

/** True for who may approve or deny it: one of the rule's people, and not who asked. */
export function mayReview(approval: Approval, by: Principal): boolean {
  return by.id !== approval.requester && isFor({ to: approval.rule.from }, by)
}

/** The approval with one more review, or why there is none. Pure: whoever saves it compares and swaps. */
export function addReview(
  approval: Approval,
  by: Principal,
  review: { verdict: Review['verdict']; reason?: string },
  now: Instant,
): Approval | ReviewRefusal {
  const state = approvalState(approval, now)
  if (by.id === approval.requester) {
    return { refused: 'own-request', message: 'You asked for this yourself; somebody else has to decide it.' }
  }
  if (!isFor({ to: approval.rule.from }, by)) {
    return { refused: 'not-a-reviewer', message: `Only ${approval.rule.from.join(', ')} can decide this.` }
  }
  if (state !== 'pending') {
    const how = {
      approved: 'approved already',
      denied: 'denied already',
      expired: `not decided before ${approval.expiresAt}`,
    }
    return { refused: 'not-pending', message: `This request was ${how[state]}; nothing more can be done with it.` }
  }
  if (approval.reviews.some((each) => each.by.id === by.id)) {
    return { refused: 'reviewed-already', message: 'You have approved this already; it waits for others.' }
  }
  const reason = review.reason === undefined ? {} : { reason: review.reason }
  const added: Review = { by: { id: by.id, name: by.name }, verdict: review.verdict, at: now, ...reason }
  return { ...approval, reviews: [...approval.reviews, added] }
}
