import { approvalState, windowEnd } from '#core/approvals/approval'
import { findPowerBeyond, powersOf } from '#core/approvals/powers-beyond-approval'
import type { ToolRequest } from '#core/request/request'
import { canonicalJson } from '#core/util/canonical-json'
import type { Instant } from '#core/util/instant'
import type { Run } from './run.ts'

type RunCandidate = Pick<Run, 'request' | 'spec' | 'set'>

/**
 * Returns the key of what an approval window covers: one person, one set and one target, by its UID, so that a later
 * object with the same name isn't covered.
 */
export function windowKey({
  request,
  set,
}: {
  request: Pick<ToolRequest, 'by' | 'target' | 'facts'>
  set: string
}): string {
  return canonicalJson([request.by.id, set, request.target, request.facts.uid])
}

/** Whether an approval covers another run: `beyond` is the power that wasn't approved, as text. */
export type Coverage = 'covered' | 'none' | { beyond: string }

/**
 * Returns whether the approval of `approved` also covers the run `candidate`, requested at that time: the same person,
 * set and target, within the window, and nothing that the approved run couldn't do.
 */
export function coverageOf(approved: Run, candidate: RunCandidate, at: Instant): Coverage {
  const { approval } = approved
  const end = approval === undefined ? undefined : windowEnd(approval)
  if (approval === undefined || end === undefined) return 'none'
  const isSameKey = windowKey(approved) === windowKey(candidate) && approved.request.by.id === approval.requester
  if (!isSameKey || approvalState(approval, at) !== 'approved' || Date.parse(at) >= Date.parse(end)) return 'none'
  const beyond = findPowerBeyond(powersOf(candidate.request, candidate.spec), powersOf(approved.request, approved.spec))
  return beyond === undefined ? 'covered' : { beyond }
}
