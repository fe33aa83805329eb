import type { Approval } from '#core/approvals/approval'
import type { MessageRef } from '#core/people/refs'
import type { ToolRequest } from '#core/request/request'
import type { Instant } from '#core/util/instant'
import type { DebugSpec } from './debug-spec.ts'

/** Every ending has this one shape, success too. */
export type EndReason =
  | 'completed'
  | 'failed'
  | 'start-timeout'
  | 'deadline'
  | 'canceled'
  | 'output-limit'
  | 'target-gone'
  | 'image-unavailable'
  | 'lost'
  | 'refused'
  | 'expired'
  | 'cluster-error'

export type End = {
  reason: EndReason
  at: Instant
  /** The last stage's exit code, where the tool ran to an end of its own. */
  exitCode?: number
  /** Why, in one sentence for the person. */
  message?: string
  /** False where what was read could not be proven to be all that the tool wrote. */
  complete: boolean
}

export type RunState = 'asking' | 'queued' | 'starting' | 'running' | 'ended'

export type Run = {
  /** Derived from the chat event, so that the same event delivered twice is one run: 12 characters of a–z and 2–7. */
  id: string
  request: ToolRequest
  spec: DebugSpec
  /** The set and grant that allowed it. */
  set: string
  grant: string
  message: MessageRef
  /** Present where the set asks for approval. */
  approval?: Approval
  /** The fan-out that it belongs to, whose message tells of it. */
  fanOut?: string
  /** The run whose approval stands for this one too. */
  under?: string
  /** True where it will have a page of its own. */
  pages?: boolean
  /** The container that it went into, or that stays after it, as `Sessions.write` has it. */
  place?: string | undefined
  /** Seconds for which its container stays ready after its end. */
  kept?: number
  state: RunState
  queuedAt: Instant
  startedAt?: Instant
  end?: End
  /** Proof that the bot wrote this; see `src/redis/queue/run-seal.ts`. */
  seal?: string
  /** Until when somebody may be busy telling its place in line; see `telling-place.ts`. */
  tellingUntil?: Instant
  /** When the ending stood in its thread. */
  toldAt?: Instant
}

/** Seconds that runs and what they wrote are kept. */
export const keepSeconds = 7 * 24 * 3_600

/** Milliseconds that a run may wait: later, it isn't what anybody expects to happen now. */
export const longestWait = 5 * 60_000

/** Seconds from the tool's start to its end; 0 for one that never started. */
export function duration(run: Run, end: End): number {
  return run.startedAt === undefined ? 0 : Math.max(0, (Date.parse(end.at) - Date.parse(run.startedAt)) / 1_000)
}

export type RunAction =
  | 'approve'
  | 'approve-window'
  | 'deny'
  | 'cancel'
  | 'rerun'
  | 'rerun-with'
  | 'output'
  | 'filter'
  | 'link'
  | 'end'
  | 'show'

/** Which action is possible in which state: the one table that buttons, words and worker ask. */
const actions = {
  asking: ['approve', 'approve-window', 'deny', 'cancel', 'show'],
  queued: ['cancel', 'show'],
  starting: ['cancel', 'show'],
  running: ['cancel', 'show'],
  ended: ['rerun', 'rerun-with', 'output', 'filter', 'link', 'end', 'show'],
} satisfies Record<RunState, readonly RunAction[]>

export function runCan(action: RunAction, run: { state: RunState }): boolean {
  const possible: readonly RunAction[] = actions[run.state]
  return possible.includes(action)
}
