import type { Capability } from '#core/request/capability'
import type { DestinationRule } from '#core/request/destination'
import type { ObjectPattern } from '#core/request/selector'
import type { HostAccess } from '#core/request/tool'
import type { Instant } from '#core/util/instant'

/** A person's id or e-mail, or one of the names in `Principal.groups`. */
export type Subject = string

/** When a set asks: who of `from` must agree, and for how long (seconds) the question stands. */
export type ApprovalRule = {
  from: readonly Subject[]
  /** How many, or a list of subjects each of which another person must stand for. */
  quorum: number | readonly Subject[]
  within: number
  reason: 'required' | 'optional'
  announce?: string
  /** An approval counts only when the approver has confirmed it with a passkey. */
  confirm?: 'passkey'
  /** Seconds for which approvers may let their approval stand for further requests of the same person, target and set. */
  window?: number
  /** Who may go on without waiting, for a reason, in everybody's sight. */
  breakGlass?: readonly Subject[]
}

/** What an owner lets people have; one set has to cover a whole request. */
export type CapabilitySet = {
  name: string
  /** Names of tools, `*`, and special arguments as `curl -o`. */
  tools: readonly string[]
  capabilities: readonly Capability[]
  host: HostAccess
  effect: 'read' | 'write'
  unconfined: readonly ('apparmor' | 'seccomp')[]
  /** Images besides the configured one, as `repo:version` with `*`. */
  images: readonly string[]
  /** Seconds a tool may run at the most. */
  maxDeadline: number
  /** Destinations that no tool may be pointed at. */
  deny: readonly DestinationRule[]
  /** False where no container stays ready after a run of this set. */
  keep?: false
  approval?: ApprovalRule
}

export type TargetPattern =
  | { kind: 'node'; cluster: string; nodes: ObjectPattern }
  | { kind: 'pod'; cluster: string; namespaces: ObjectPattern; pods?: ObjectPattern }

export type Grant = {
  /** Where it stands in the policy (`grants[0]`), to be named in answers and records. */
  id: string
  to: readonly Subject[]
  sets: readonly string[]
  on: readonly TargetPattern[]
  /** Channels with `*`, as `slack:channel/C…`; left out: everywhere. */
  in?: readonly string[]
  until?: Instant
}

export type Policy = { sets: readonly CapabilitySet[]; grants: readonly Grant[] }

export type DenyReason =
  | 'no-grant'
  | 'tool'
  | 'special-argument'
  | 'capabilities'
  | 'host'
  | 'effect'
  | 'confinement'
  | 'image'
  | 'deadline'
  | 'destination'
  | 'channel'
  | 'expired'

/** A value with its reason, never a boolean. */
export type Decision =
  | {
      effect: 'allow'
      set: string
      grant: string
      maxDeadline: number
      /** Without the approval that the set asks for: the glass was broken. */
      unapproved?: ApprovalRule
    }
  | { effect: 'ask'; set: string; grant: string; maxDeadline: number; approval: ApprovalRule }
  | {
      effect: 'deny'
      /** The reason of the set that came nearest; `no-grant` where nothing is granted on this target at all. */
      reason: DenyReason
      /** One sentence: what was asked that isn't granted. */
      message: string
      /** Names of sets that would cover the request, had the person been granted them on this target. */
      wouldNeed: readonly string[]
    }
