import { approvalState, windowEnd } from '#core/approvals/approval'
import type { ToolRequest } from '#core/request/request'
import { canonicalJson } from '#core/util/canonical-json'
import type { Instant } from '#core/util/iso-instant'
import type { Run } from './run.ts'

type RunCandidate = { request: Pick<ToolRequest, 'by' | 'target' | 'facts'>; set: string }

/**
 * Returns the key of what an approval window covers: one person, one set and one target, by its UID, so that a later
 * object with the same name isn't covered.
 */
export function windowKey({ request, set }: RunCandidate): string {
  return canonicalJson([request.by.id, set, request.target, request.facts.uid])
}

/** Returns true when the approval of `approved` also covers the run `candidate`, requested at that time. */
export function approvalCovers(approved: Run, candidate: RunCandidate, at: Instant): boolean {
  const { approval } = approved
  const end = approval === undefined ? undefined : windowEnd(approval)
  if (approval === undefined || end === undefined) return false
  const isSameKey = windowKey(approved) === windowKey(candidate) && approved.request.by.id === approval.requester
  return isSameKey && approvalState(approval, at) === 'approved' && Date.parse(at) < Date.parse(end)
}
