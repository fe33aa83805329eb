import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'

/** Message of a run that is updated at its platform's rate. */
export type LiveMessage = {
  /**
   * Requests an edit; a view that isn't shown before a newer one is requested is dropped. `soon`: a person waits for
   * it.
   */
  update: (view: () => Message, soon?: boolean) => void
  /** Delays edits until the promise resolves, because another process is editing the message. */
  pauseUntil: (free: Promise<void>) => void
  /**
   * Shows the ending. Resolves true once the platform has accepted it, false when it never will; rejects when it hasn't
   * been accepted within an hour.
   */
  finish: (view: Message) => Promise<boolean>
  /** Drops what isn't shown yet, because another worker updates the message now. */
  discard: () => void
}

/** Live message of a run that has no message of its own, because a fan-out's message shows it. */
export const silentLiveMessage: LiveMessage = {
  update: () => undefined,
  pauseUntil: () => undefined,
  finish: async () => true,
  discard: () => undefined,
}

/** Milliseconds for which an ending is retried before it is left to the sweep. */
const endingTimeoutMs = 60 * 60_000
const maxRetryDelayMs = 30_000

/** Number of edits that may follow one another at once: the first view, the first output, the ending. */
const maxBurst = 3

/** Milliseconds by which the first output is delayed: a tool that ends within them needs only one edit. */
const firstOutputDelayMs = 3

export function createLiveMessage(
  adapter: ChatAdapter,
  message: MessageRef,
  log: Log,
  { endingRetryMs }: Pick<Timing, 'endingRetryMs'> = defaultTiming,
): LiveMessage {
  const { editInterval } = adapter.limits
  let pendingView: (() => Message) | undefined
  let isEnding = false
  let editing: Promise<void> | undefined
  let unlocked: Promise<void> = Promise.resolve()
  let wake: () => void = () => undefined
  const drop = () => {
    isEnding = true
    wake()
  }
  // Delays the first progress a little: a tool that ends at once goes from "queued" to its ending in one edit.
  let nextProgress = performance.now() + editInterval / 2
  const { pauseBefore, spend } = createEditBudget(editInterval)
  const editPending = async () => {
    await unlocked
    while (pendingView !== undefined && !isEnding) {
      const delayMs = Math.max(nextProgress - performance.now(), pauseBefore(1))
      if (delayMs > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, delayMs)
        })
        continue
      }
      const view = pendingView
      pendingView = undefined
      spend()
      nextProgress = performance.now() + editInterval
      await adapter.edit(message, view()).catch((error: unknown) => {
        // Retried unless a newer view or the ending replaces it: a quiet tool may have nothing newer for long.
        if (!(error instanceof ChatError && error.permanent)) pendingView ??= view
        nextProgress = performance.now() + getRetryDelayMs(error, editInterval)
        log.debug({ error: String(error) }, 'edit not accepted')
      })
    }
  }

  return {
    pauseUntil(resolved) {
      unlocked = resolved
    },
    update(view, soon = false) {
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
    discard: drop,
    async finish(view) {
      drop()
      await editing
      await sleep(pauseBefore(0))
      spend()
      return retryEnding(adapter, message, view, { log, endingRetryMs })
    },
  }
}

/** Retries an edit until the platform accepts it. Returns false when it never will; throws after `endingTimeoutMs`. */
async function retryEnding(
  adapter: ChatAdapter,
  message: MessageRef,
  view: Message,
  { log, endingRetryMs }: { log: Log } & Pick<Timing, 'endingRetryMs'>,
): Promise<boolean> {
  const deadline = performance.now() + endingTimeoutMs
  for (let delayMs = endingRetryMs; ; delayMs = Math.min(delayMs * 2, maxRetryDelayMs)) {
    try {
      await adapter.edit(message, view)
      return true
    } catch (error) {
      if (error instanceof ChatError && error.permanent) {
        log.error({ error: error.message }, 'the result cannot be shown in its thread')
        return false
      }
      if (performance.now() > deadline) throw error
      log.warn({ error: String(error) }, 'the result could not be shown yet')
      await sleep(getRetryDelayMs(error, delayMs))
    }
  }
}

/** Limits the edits of one message: up to `maxBurst` at once, and on average one per `intervalMs`. */
function createEditBudget(intervalMs: number) {
  // Time (ms since 1970) when the whole burst is available again.
  let fullAt = 0
  return {
    /** Returns the ms until an edit is possible that leaves `spare` further edits of the burst. */
    pauseBefore: (spare: number) => fullAt - (maxBurst - 1 - spare) * intervalMs - performance.now(),
    spend() {
      fullAt = Math.max(fullAt, performance.now()) + intervalMs
    },
  }
}

function getRetryDelayMs(error: unknown, fallbackMs: number): number {
  return error instanceof ChatError && error.retryAfterMs !== undefined ? error.retryAfterMs : fallbackMs
}

function sleep(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds))
}
