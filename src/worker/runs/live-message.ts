import type { EndedMessage, ProgressMessage } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError, isFinalForResults } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { delay } from '#core/util/delay'
import { doublingDelay, retry } from '#core/util/retry'
import { endingTimeoutMs, maxEndingDelayMs } from '#src/lifecycle/show-ending-again'
import {
  createRunMessages,
  type RetryRequest,
  type RunMessages,
  type ShownRun,
  type StoredRefs,
} from './run-messages.ts'

/** Messages of a run, which are updated at their platform's rate. */
export type LiveMessage = {
  /**
   * Requests an update; a view that isn't shown before a newer one is requested is dropped. `soon`: a person waits for
   * it.
   */
  update: (view: () => ProgressMessage, soon?: boolean) => void
  /** Delays updates until the promise resolves, because another process is editing the message. */
  pauseUntil: (free: Promise<void>) => void
  /**
   * Shows the ending. Resolves true once the platform has accepted it, false when it never will; rejects when it hasn't
   * been accepted within an hour.
   */
  finish: (view: EndedMessage) => Promise<boolean>
  /** Shows a changed ending where the platform accepts it at once; a failure is logged. */
  amend: (view: EndedMessage) => Promise<void>
  /** Returns the message in whose thread files of the run are attached. */
  attachTo: () => MessageRef | undefined
  /**
   * Drops what isn't shown yet, because another worker updates the messages now. Resolves once no edit is in progress:
   * true where one was completed after the run's end was saved, so it may have replaced the ending.
   */
  discard: () => Promise<boolean>
}

/** Live message of a run that has no message of its own, because a fan-out's message shows it. */
export const silentLiveMessage: LiveMessage = {
  update: () => undefined,
  pauseUntil: () => undefined,
  finish: async () => true,
  amend: async () => undefined,
  attachTo: () => undefined,
  discard: async () => false,
}

/** Number of requests that may follow one another at once: the first view, the first output, the ending. */
const maxBurst = 3

/** Milliseconds by which the first output is delayed: a tool that ends within them needs only one request. */
const firstOutputDelayMs = 3

export type LiveMessageOptions = Partial<Pick<Timing, 'endingRetryMs'>> & {
  refs: StoredRefs
  /** Resolves true once the end of the run is saved, also by another worker: from then on no progress is shown. */
  hasEnded: () => Promise<boolean>
  log: Log
}

export function createLiveMessage(
  adapter: ChatAdapter,
  run: ShownRun,
  { refs, hasEnded, log, endingRetryMs = defaultTiming.endingRetryMs }: LiveMessageOptions,
): LiveMessage {
  const { editInterval } = adapter.limits
  const messages = createRunMessages(adapter, run, refs)
  // The ending of a run with its output in a thread needs one request more.
  const budget = createEditBudget(editInterval, run.threaded === true ? maxBurst + 1 : maxBurst)
  const { pauseBefore, spend } = budget
  const { update, pauseUntil, stop } = createProgressEdits({ messages, editInterval, budget, hasEnded, log })
  return {
    ...{ update, pauseUntil, discard: stop, attachTo: messages.attachTo },
    async finish(view) {
      await stop()
      const retry = retryUntilAccepted({ log, endingRetryMs }, async () => {
        await delayIfAny(pauseBefore(0))
        spend()
      })
      const isShown = await messages.ending(view, retry)
      if (!isShown) log.error({}, 'the result cannot be shown anywhere')
      return isShown
    },
    async amend(view) {
      await delayIfAny(pauseBefore(0))
      spend()
      await messages.amend(view).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'the result could not be amended')
      })
    },
  }
}

type ProgressOptions = Pick<LiveMessageOptions, 'hasEnded' | 'log'> & {
  messages: Pick<RunMessages, 'progress'>
  /** Milliseconds between two edits. */
  editInterval: number
  budget: ReturnType<typeof createEditBudget>
}

/** Shows the newest progress at the platform's rate until `stop`, which is `discard` of `LiveMessage`. */
function createProgressEdits({ messages, editInterval, budget, hasEnded, log }: ProgressOptions) {
  let pendingView: (() => ProgressMessage) | undefined
  let isEnding = false
  let isEditedLate = false
  let editing: Promise<void> | undefined
  let unlocked: Promise<void> = Promise.resolve()
  let wake: () => void = () => undefined
  const drop = () => {
    isEnding = true
    wake()
  }
  // Delays the first progress a little: a tool that ends at once goes from "queued" to its ending in one edit.
  let nextProgress = performance.now() + editInterval / 2
  const editPending = async () => {
    await unlocked
    while (pendingView !== undefined && !isEnding) {
      const delayMs = Math.max(nextProgress - performance.now(), budget.pauseBefore(1))
      if (delayMs > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, delayMs)
        })
        continue
      }
      if (await hasEnded()) return drop()
      const view = pendingView
      if (isEnding || view === undefined) return
      pendingView = undefined
      budget.spend()
      nextProgress = performance.now() + editInterval
      await messages.progress(view()).then(
        (isPartial) => {
          if (isPartial) pendingView ??= view
        },
        (error: unknown) => {
          // Retried unless a newer view or the ending replaces it: a quiet tool may have nothing newer for long.
          if (!isFinalForResults(error)) pendingView ??= view
          nextProgress = performance.now() + getRetryDelayMs(error, editInterval)
          log.debug({ error: String(error) }, 'edit not accepted')
        },
      )
      isEditedLate ||= await hasEnded()
    }
  }
  return {
    pauseUntil(resolved: Promise<void>) {
      unlocked = resolved
    },
    update(view: () => ProgressMessage, soon = false) {
      pendingView = view
      if (soon) {
        nextProgress = Math.min(nextProgress, performance.now() + firstOutputDelayMs)
        wake()
      }
      if (editing !== undefined) return
      editing = editPending().finally(() => {
        editing = undefined
      })
    },
    async stop() {
      drop()
      await editing
      return isEditedLate
    },
  }
}

/**
 * Returns a function that retries a request until the platform accepts it; throws after `endingTimeoutMs`. `before`:
 * called before the first attempt.
 */
function retryUntilAccepted(
  { log, endingRetryMs }: { log: Log } & Pick<Timing, 'endingRetryMs'>,
  before: () => Promise<void>,
): RetryRequest {
  return async (request) => {
    await before()
    const send = async () => {
      try {
        return { value: await request() }
      } catch (error) {
        if (!isFinalForResults(error)) throw error
        log.warn({ error: String(error) }, 'the chat refused a part of a result for good')
        return undefined
      }
    }
    return retry(send, (error, { attempt, elapsedMs }) => {
      if (elapsedMs > endingTimeoutMs) return undefined
      log.warn({ error: String(error) }, 'the result could not be shown yet')
      return getRetryDelayMs(error, doublingDelay(endingRetryMs, attempt, maxEndingDelayMs))
    })
  }
}

/** Limits the requests of one run: up to `burst` at once, and on average one per `intervalMs`. */
function createEditBudget(intervalMs: number, burst: number) {
  // Time (ms since 1970) when the whole burst is available again.
  let fullAt = 0
  return {
    /** Returns the ms until an edit is possible that leaves `spare` further edits of the burst. */
    pauseBefore: (spare: number) => fullAt - (burst - 1 - spare) * intervalMs - performance.now(),
    spend() {
      fullAt = Math.max(fullAt, performance.now()) + intervalMs
    },
  }
}

function getRetryDelayMs(error: unknown, fallbackMs: number): number {
  return error instanceof ChatError && error.retryAfterMs !== undefined ? error.retryAfterMs : fallbackMs
}

async function delayIfAny(delayMs: number): Promise<void> {
  if (delayMs > 0) await delay(delayMs)
}
