import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef, Principal } from '#core/people/principal'
import type { Batch } from '#core/triage/batch-output'
import type { Instant } from '#core/util/instant'
import type { Destination } from './match-destination.ts'
import type { Target, TargetFacts } from './target.ts'
import type { Needs, SpecialArgument } from './tool.ts'

/** One tool of a pipeline with its arguments. */
export type Stage = {
  tool: string
  /** The argv as typed. */
  given: readonly string[]
  /** The argv that is run: with limits added and, for a program of the node itself, after `chroot /host`. */
  argv: readonly string[]
  /** All tools that a set must name for this stage; empty for a filter that only reads standard input. */
  tools: readonly string[]
  special: readonly SpecialArgument[]
  /** True where the stage needs none of the request's capabilities, and so runs without them. */
  bare?: boolean
  /** True where the stage may change the target by its own arguments; a run of an earlier version doesn't say. */
  changes?: boolean
  /** Arguments that a set must name where it denies destinations; a run of an earlier version has none. */
  detours?: readonly SpecialArgument[]
  /** False for a tool outside the catalogue, which only a set with the tool `*` allows. */
  known: boolean
}

/** A request for an interactive shell. `set`: the capability set that it is asked of; absent where any may give it. */
export type ShellRequest = { set?: string }

/** Complete request to run a command: the only input that the policy decides on. */
export type ToolRequest = {
  id: string
  /** The person at the time of the request; later checks revalidate the person by `account`. */
  by: Principal
  account: AccountRef
  target: Target
  facts: TargetFacts
  pipeline: readonly Stage[]
  /** Present where the stages are commands of checks, which aren't joined by pipes: one step for each. */
  batch?: Batch
  needs: Needs
  /** Hosts that the tools are directed at, as far as the arguments show. */
  destinations: readonly Destination[]
  /** Texts about what was derived and added ("NET_ADMIN, NET_RAW for iptables"). */
  added: readonly string[]
  /** Image instead of the configured one, as `repo:version`. */
  image?: string
  /** Seconds until the pod must run, if the person set them. */
  startTimeout?: number
  /** Seconds until the tool must have ended, if the person set them. */
  deadline?: number
  reason?: string
  /** Present where the request is for an interactive shell instead of a tool. */
  terminal?: ShellRequest
  /** True where the person asked to run without the required approval (break glass). */
  breakGlass?: boolean
  thread: ThreadRef
  at: Instant
  /**
   * The command as it was typed, so that it can be run again. `plain`: the same text for people to edit. `entities`:
   * true where `text` has `&`, `<`, `>` as HTML entities.
   */
  typed: { text: string; entities: boolean; plain?: string }
}
