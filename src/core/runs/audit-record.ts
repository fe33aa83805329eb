import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import type { Instant } from '#core/util/instant'
import { formatPipeline } from '#core/util/quote'

/** What happened; `what` names it, `run` ties together what belongs together. */
export type AuditRecord = {
  at: Instant
  what:
    | 'unknown-person'
    | 'decided'
    | 'asked'
    | 'reviewed'
    | 'glass-broken'
    | 'fan-out'
    | 'queued'
    | 'canceled'
    | 'started'
    | 'ended'
    | 'session-ended'
    | 'alarm'
    | 'review-refused'
    | 'passkey-added'
    | 'passkeys-removed'
    | 'policy-changed'
  run: string
  /** Id of the person who did it; of the account, where no person is known. */
  person: string
  /** Everything else that is worth keeping: target, exact words, set, effect, reasons. */
  details: Readonly<Record<string, string>>
}

/** A record in its chain: `hash` covers the record, its number and the hash before it. */
export type AuditEntry = { number: number; record: AuditRecord; before: string; hash: string }

/** Where the chain ended when its head was signed last. */
export type AuditHead = { number: number; hash: string; signature: string }

/** The hash before the first record. */
export const chainStart = '0'.repeat(64)

/** What a record says of a request. */
export function requestDetails(request: ToolRequest): Record<string, string> {
  const { needs, target, thread } = request
  return {
    target: targetText(target),
    cluster: target.cluster,
    command: formatPipeline(request.pipeline.map((stage) => stage.argv)),
    capabilities: needs.capabilities.join(','),
    filesystem: needs.host.filesystem,
    hostPid: String(needs.host.pid),
    effect: needs.effect,
    channel: `${thread.platform}:channel/${thread.channel}`,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
  }
}
