import { channelText } from '#core/messages/thread-ref'
import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'
import { formatPipeline } from '#core/util/quote'

/** Record of one event: `what` is its kind, `run` groups the records of one run or other subject. */
export type AuditRecord = {
  at: Instant
  what:
    | 'unknown-person'
    | 'decided'
    | 'asked'
    | 'reviewed'
    | 'glass-broken'
    | 'standing-approval-used'
    | 'approvers-notified'
    | 'fan-out'
    | 'queued'
    | 'canceled'
    | 'started'
    | 'ended'
    | 'session-ended'
    | 'session-opened'
    | 'session-link'
    | 'session-claimed'
    | 'session-connected'
    | 'recorded'
    | 'recording-opened'
    | 'alarm'
    | 'alert'
    | 'review-refused'
    | 'passkey-added'
    | 'passkeys-removed'
    | 'policy-changed'
    | 'key-changed'
    | 'paused'
    | 'resumed'
  run: string
  /** Id of the person who acted; the account's id where the person is unknown. */
  person: string
  /** Further details: target, exact argv, set, effect, reasons. */
  details: Readonly<Record<string, string>>
}

/**
 * Entry of the hash chain: `hash` covers the record, its number and the previous hash (`before`). `keyed`: the hash is
 * made with the installation's key, so that nobody else can make it; `key`: id of that key. Where an entry has another
 * key than the one before, its record is `key-changed`. `format`: present from the second format on.
 */
export type AuditEntry = {
  number: number
  record: AuditRecord
  before: string
  hash: string
  keyed?: boolean
  key?: string
  format?: number
}

/** Signed head of the hash chain: its last number and hash. */
export type AuditHead = { number: number; hash: string; signature: string; format?: number }

/** Previous hash of the first record. */
export const chainStart = '0'.repeat(64)

/** Returns the commands of a request: stages joined by pipes, or the commands of checks. */
function commandsText({ pipeline, batch }: ToolRequest): string {
  const argvs = pipeline.map((stage) => stage.argv)
  return batch === undefined ? formatPipeline(argvs) : argvs.map((argv) => formatPipeline([argv])).join(' ; ')
}

/** Returns the details of a request for an audit record. */
export function requestDetails(request: ToolRequest): Record<string, string> {
  const { needs, target, thread } = request
  return {
    target: targetText(target),
    cluster: target.cluster,
    command: commandsText(request),
    capabilities: needs.capabilities.join(','),
    filesystem: needs.host.filesystem,
    hostPid: String(needs.host.pid),
    effect: needs.effect,
    channel: channelText(thread),
    ...defined({ reason: request.reason }),
  }
}
