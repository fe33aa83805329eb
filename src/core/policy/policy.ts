import type { Capability } from '#core/request/capability'
import type { DestinationRule } from '#core/request/match-destination'
import type { ObjectPattern } from '#core/request/selector'
import type { HostAccess } from '#core/request/tool'
import type { TerminalRule } from '#core/terminal/terminal-limits'
import type { Instant } from '#core/util/instant'

/** A person's id or e-mail, or one of the names in `Principal.groups`. */
export type Subject = string

/** Approval that a set requires: by whom (`from`), and for how many seconds the request stays open (`within`). */
export type ApprovalRule = {
  from: readonly Subject[]
  /** Number of approvals, or a list of subjects, each of which needs an approval by a different person. */
  quorum: number | readonly Subject[]
  within: number
  reason: 'required' | 'optional'
  announce?: string
  /** An approval counts only when the approver has confirmed it with a passkey. */
  confirm?: 'passkey'
  /**
   * Maximum seconds for which approvers may extend an approval to further requests of the same person, target and set.
   */
  window?: number
  /** Subjects that may run without approval (break glass): with a reason, and visible to everyone. */
  breakGlass?: readonly Subject[]
}

/** Rights that an owner grants together; one set has to cover a whole request. */
export type CapabilitySet = {
  name: string
  /** Names of tools, `*` for all, and special arguments such as `curl -o`. */
  tools: readonly string[]
  capabilities: readonly Capability[]
  host: HostAccess
  effect: 'read' | 'write'
  unconfined: readonly ('apparmor' | 'seccomp')[]
  /** Allowed images besides the configured one, as `repo:version` with `*` as wildcard. */
  images: readonly string[]
  /** Maximum seconds for which a tool may run. */
  maxDeadline: number
  /** Destinations that no tool may be directed at. */
  deny: readonly DestinationRule[]
  /** False where runs of this set leave no container for reuse. */
  keep?: false
  approval?: ApprovalRule
  /** Present where the set gives shells: interactive sessions. Its rights are what such a shell has. */
  terminal?: TerminalRule
  /** `raw`: others' recordings may be replayed, as they were shown. */
  recordings?: 'raw'
}

export type TargetPattern =
  | { kind: 'node'; cluster: string; nodes: ObjectPattern }
  | { kind: 'pod'; cluster: string; namespaces: ObjectPattern; pods?: ObjectPattern }

export type Grant = {
  /** Position in the policy (`grants[0]`), used in replies and audit records. */
  id: string
  to: readonly Subject[]
  sets: readonly string[]
  on: readonly TargetPattern[]
  /** Channels such as `slack:channel/C…`, with `*` as wildcard; undefined: all channels. */
  in?: readonly string[]
  until?: Instant
}

export type Policy = { sets: readonly CapabilitySet[]; grants: readonly Grant[] }

export type DenyReason =
  | 'no-grant'
  | 'node-access'
  | 'tool'
  | 'special-argument'
  | 'capabilities'
  | 'host'
  | 'effect'
  | 'confinement'
  | 'image'
  | 'deadline'
  | 'destination'
  | 'no-shell'
  | 'unapproved-shell'
  | 'channel'
  | 'expired'

/** Decision of the policy, with its reason. */
export type Decision =
  | {
      effect: 'allow'
      set: string
      grant: string
      maxDeadline: number
      /** Present where the request is allowed without the approval that this rule requires (break glass). */
      unapproved?: ApprovalRule
    }
  | { effect: 'ask'; set: string; grant: string; maxDeadline: number; approval: ApprovalRule }
  | {
      effect: 'deny'
      /** Reason of the set that nearly covers the request; `no-grant` where nothing is granted on this target. */
      reason: DenyReason
      /** One sentence: what was requested and isn't granted. */
      message: string
      /** Names of sets that would cover the request if they were granted to the person on this target. */
      wouldNeed: readonly string[]
    }
