import { approvalState, windowEnd } from '#core/approvals/approval'
import type { ToolRequest } from '#core/request/request'
import { canonicalJson } from '#core/util/canonical-json'
import type { Instant } from '#core/util/instant'
import type { Run } from './run.ts'

type Asked = { request: Pick<ToolRequest, 'by' | 'target' | 'facts'>; set: string }

/** What an approval for a while is for: one person, one set, and one target, whose namesake made later is another. */
export function windowKey({ request, set }: Asked): string {
  return canonicalJson([request.by.id, set, request.target, request.facts.uid])
}

/** True when the approval of `given` stands for this too, asked at that moment. */
export function approvalCovers(approved: Run, candidate: Asked, at: Instant): boolean {
  const { approval } = approved
  const end = approval === undefined ? undefined : windowEnd(approval)
  if (approval === undefined || end === undefined) return false
  const isSameKey = windowKey(approved) === windowKey(candidate) && approved.request.by.id === approval.requester
  return isSameKey && approvalState(approval, at) === 'approved' && Date.parse(at) < Date.parse(end)
}
