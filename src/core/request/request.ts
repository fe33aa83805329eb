import type { AccountRef, Principal } from '#core/people/principal'
import type { ThreadRef } from '#core/people/refs'
import type { Instant } from '#core/util/instant'
import type { Destination } from './destination.ts'
import type { Target, TargetFacts } from './target.ts'
import type { Needs, SpecialArgument } from './tool.ts'

/** One tool of a pipeline with its arguments. */
export type Stage = {
  tool: string
  /** The words as given. */
  given: readonly string[]
  /** The words that run, after bounding and, where the node's own program is meant, `chroot /host`. */
  argv: readonly string[]
  /** All tools that a set must name for this stage; empty for a filter that reads standard input alone. */
  tools: readonly string[]
  special: readonly SpecialArgument[]
  /** False for a tool outside the catalogue: it runs only under a set that says `'*'`. */
  known: boolean
}

/** What somebody asked to run, complete: the policy judges this and nothing else. */
export type ToolRequest = {
  id: string
  /** The person as they were when they asked; who they are by now is asked of `account`. */
  by: Principal
  account: AccountRef
  target: Target
  facts: TargetFacts
  pipeline: readonly Stage[]
  needs: Needs
  /** Where its tools are pointed at, as far as their words tell. */
  destinations: readonly Destination[]
  /** What was worked out and added, in words ("NET_ADMIN, NET_RAW for iptables"). */
  added: readonly string[]
  /** Another image than the configured one, as `repo:version`. */
  image?: string
  /** Seconds until the pod must run, if the person said so. */
  startTimeout?: number
  /** Seconds until the tool must have ended, if the person said so. */
  deadline?: number
  reason?: string
  /** True where the person asked to go on without the approval that would be needed. */
  breakGlass?: boolean
  thread: ThreadRef
  at: Instant
  /** The command as it was typed, so that it can be run again. `plain`: the same for people to change. `entities`: `&`, `<`, `>` stand as HTML entities in it. */
  typed: { text: string; entities: boolean; plain?: string }
}
