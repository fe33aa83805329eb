import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/people/refs'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/timing'

/** The one message of a run, kept up to date at its platform's pace. */
export type LiveMessage = {
  /** Wants this shown; when a newer one comes before it could be, it is dropped. `soon`: somebody waits for it. */
  update: (view: () => Message, soon?: boolean) => void
  /** Shows nothing before this resolves: somebody else is busy with the message. */
  pauseUntil: (free: Promise<void>) => void
  /** Shows the ending. Resolves true once it stands in the thread, false when the platform will never take it. */
  finish: (view: Message) => Promise<boolean>
  /** Shows nothing more of what was wanted: somebody else tells this run by now. */
  discard: () => void
}

/** Of a run that another message tells of. */
export const silentLiveMessage: LiveMessage = {
  update: () => undefined,
  pauseUntil: () => undefined,
  finish: async () => true,
  discard: () => undefined,
}

/** How long an ending is tried, in milliseconds, before it is left to the sweep. */
const endingTimeoutMs = 60 * 60_000
const maxRetryDelayMs = 30_000

/** Edits that may follow one another at once: what comes first, the first output, the ending. */
const maxBurst = 3

/** Milliseconds in which a tool that has just said its first word may end, so that both are one edit. */
const firstOutputDelayMs = 3

export function openLiveMessage(
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
  // The first progress waits a little: a tool that ends at once goes from "queued" to its ending in one edit.
  let nextProgress = Date.now() + editInterval / 2
  const { pauseBefore, spend } = createEditBudget(editInterval)
  const editPending = async () => {
    await unlocked
    while (pendingView !== undefined && !isEnding) {
      const delayMs = Math.max(nextProgress - Date.now(), pauseBefore(1))
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
      nextProgress = Date.now() + editInterval
      await adapter.edit(message, view()).catch((error: unknown) => {
        // Tried again unless a newer one or the ending replaces it: a quiet tool might have nothing newer for long.
        if (!(error instanceof ChatError && error.permanent)) pendingView ??= view
        nextProgress = Date.now() + getRetryDelayMs(error, editInterval)
        log.debug({ error: String(error) }, 'edit not taken')
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
        nextProgress = Math.min(nextProgress, Date.now() + firstOutputDelayMs)
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

/** True once it stands there, false when it never will. */
async function retryEnding(
  adapter: ChatAdapter,
  message: MessageRef,
  view: Message,
  { log, endingRetryMs }: { log: Log } & Pick<Timing, 'endingRetryMs'>,
): Promise<boolean> {
  const deadline = Date.now() + endingTimeoutMs
  for (let delayMs = endingRetryMs; ; delayMs = Math.min(delayMs * 2, maxRetryDelayMs)) {
    try {
      await adapter.edit(message, view)
      return true
    } catch (error) {
      if (error instanceof ChatError && error.permanent) {
        log.error({ error: error.message }, 'the ending can never be shown in its thread')
        return false
      }
      if (Date.now() > deadline) throw error
      log.warn({ error: String(error) }, 'the ending could not be shown yet')
      await sleep(getRetryDelayMs(error, delayMs))
    }
  }
}

/** Edits of one message: a few at once, and in the long run one an interval. */
function createEditBudget(intervalMs: number) {
  // When all of the burst is to be had again.
  let fullAt = 0
  return {
    /** Milliseconds until an edit may be made that leaves `spare` more of the burst. */
    pauseBefore: (spare: number) => fullAt - (maxBurst - 1 - spare) * intervalMs - Date.now(),
    spend() {
      fullAt = Math.max(fullAt, Date.now()) + intervalMs
    },
  }
}

function getRetryDelayMs(error: unknown, fallbackMs: number): number {
  return error instanceof ChatError && error.retryAfter !== undefined ? error.retryAfter : fallbackMs
}

function sleep(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds))
}
