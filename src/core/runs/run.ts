import type { Approval } from '#core/approvals/approval'
import type { MessageRef } from '#core/messages/thread-ref'
import type { Counts } from '#core/output/transcript-state'
import type { ToolRequest } from '#core/request/request'
import type { TerminalSession } from '#core/terminal/terminal-session'
import type { Instant } from '#core/util/instant'
import type { DebugSpec } from './debug-spec.ts'

/** Reason of an ending, also for a success. */
export type EndReason =
  | 'completed'
  | 'nothing-found'
  | 'failed'
  | 'start-timeout'
  | 'deadline'
  | 'canceled'
  | 'paused'
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
  /** Exit code of the last stage, where the tool exited by itself. */
  exitCode?: number
  /** Explanation in one sentence for the person. */
  message?: string
  /** False where the received output can't be proven to be all that the tool wrote. */
  complete: boolean
}

/** Size and hashes of a run's output when it ended; what is read later is compared with them. */
export type RecordedOutput = Counts & {
  /** SHA-256 (hex) of the whole stored output. */
  sha256: string
  /** SHA-256 (hex) of its beginning, a NUL and its end, where it is too large to be read whole. */
  endsSha256?: string
}

export type RunState = 'asking' | 'queued' | 'starting' | 'running' | 'ended'

export type Run = {
  /** Derived from the chat event, so that an event delivered twice gives one run: 12 characters of a–z and 2–7. */
  id: string
  request: ToolRequest
  spec: DebugSpec
  /** Name of the capability set that allowed the run. */
  set: string
  /** Id of the grant that allowed the run. */
  grant: string
  message: MessageRef
  /** True where the message shows state and result only, and its thread the output. */
  threaded?: true
  /** The message with the output in the thread, once it is posted. */
  outputMessage?: MessageRef
  /** Present where the set requires approval. */
  approval?: Approval
  /** Id of the fan-out that the run belongs to; the fan-out's message shows the run. */
  fanOut?: string
  /** Id of the run whose approval window covers this run. */
  under?: string
  /** True where the run has a web page. */
  pages?: boolean
  /** Session that the run used or left for reuse, as written by `Sessions.write`. */
  place?: string | undefined
  /** Idle seconds for which the container can be reused after the run. */
  kept?: number
  /** Present in a run that is an interactive session, once it opened. */
  terminal?: TerminalSession
  state: RunState
  queuedAt: Instant
  /** Time after which the run must not start, whatever its stored state; absent in runs of earlier versions. */
  notAfter?: Instant
  startedAt?: Instant
  end?: End
  output?: RecordedOutput
  /** Expiry of the lock of a worker that updates the queue position in the message; see `queue-message-lock.ts`. */
  tellingUntil?: Instant
  /** Names of the files that were attached. */
  attached?: readonly string[]
  /** Time at which the result was delivered to the thread. */
  toldAt?: Instant
}

/** Seconds for which runs and their output are stored. */
export const runRetentionSeconds = 7 * 24 * 3_600

/** Maximum ms that a run may wait in the queue: after that, nobody expects it to start any more. */
export const maxQueueWaitMs = 5 * 60_000

/** Returns the time after which a run that is queued at this time must not start any more. */
export function startLimit(queuedAt: Instant): Instant {
  return new Date(Date.parse(queuedAt) + maxQueueWaitMs).toISOString()
}

/** Returns the seconds from the tool's start to its end; 0 for a run that never started. */
export function duration(run: Run, end: End): number {
  return run.startedAt === undefined ? 0 : Math.max(0, (Date.parse(end.at) - Date.parse(run.startedAt)) / 1_000)
}
