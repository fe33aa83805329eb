import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/people/refs'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/timing'

/** The one message of a run, kept up to date at its platform's pace. */
export type LiveMessage = {
  /** Wants this shown; when a newer one comes before it could be, it is dropped. `soon`: somebody waits for it. */
  update: (notice: () => Message, soon?: boolean) => void
  /** Shows nothing before this resolves: somebody else is busy with the message. */
  pauseUntil: (free: Promise<void>) => void
  /** Shows the ending. Resolves true once it stands in the thread, false when the platform will never take it. */
  finish: (notice: Message) => Promise<boolean>
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
const patience = 60 * 60_000
const longestPause = 30_000

/** Edits that may follow one another at once: what comes first, the first output, the ending. */
const burst = 3

/** Milliseconds in which a tool that has just said its first word may end, so that both are one edit. */
const lastWord = 3

export function openLiveMessage(
  adapter: ChatAdapter,
  message: MessageRef,
  log: Log,
  { endingRetryMs }: Pick<Timing, 'endingRetryMs'> = defaultTiming,
): LiveMessage {
  const { editInterval } = adapter.limits
  let wanted: (() => Message) | undefined
  let ending = false
  let busy: Promise<void> | undefined
  let held: Promise<void> = Promise.resolve()
  let wake: () => void = () => undefined
  const drop = () => {
    ending = true
    wake()
  }
  // The first progress waits a little: a tool that ends at once goes from "queued" to its ending in one edit.
  let nextProgress = Date.now() + editInterval / 2
  const { pauseBefore, spend } = budget(editInterval)
  const pace = async () => {
    await held
    while (wanted !== undefined && !ending) {
      const pause = Math.max(nextProgress - Date.now(), pauseBefore(1))
      if (pause > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, pause)
        })
        continue
      }
      const notice = wanted
      wanted = undefined
      spend()
      nextProgress = Date.now() + editInterval
      await adapter.edit(message, notice()).catch((error: unknown) => {
        // Tried again unless a newer one or the ending replaces it: a quiet tool might have nothing newer for long.
        if (!(error instanceof ChatError && error.permanent)) wanted ??= notice
        nextProgress = Date.now() + pauseAfter(error, editInterval)
        log.debug({ error: String(error) }, 'edit not taken')
      })
    }
  }

  return {
    pauseUntil(free) {
      held = free
    },
    update(notice, soon = false) {
      wanted = notice
      if (soon) {
        nextProgress = Math.min(nextProgress, Date.now() + lastWord)
        wake()
      }
      if (busy !== undefined) return
      busy = pace().finally(() => {
        busy = undefined
      })
    },
    discard: drop,
    async finish(notice) {
      drop()
      await busy
      await sleep(pauseBefore(0))
      spend()
      return insist(adapter, message, notice, { log, endingRetryMs })
    },
  }
}

/** True once it stands there, false when it never will. */
async function insist(
  adapter: ChatAdapter,
  message: MessageRef,
  notice: Message,
  { log, endingRetryMs }: { log: Log } & Pick<Timing, 'endingRetryMs'>,
): Promise<boolean> {
  const until = Date.now() + patience
  for (let pause = endingRetryMs; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      await adapter.edit(message, notice)
      return true
    } catch (error) {
      if (error instanceof ChatError && error.permanent) {
        log.error({ error: error.message }, 'the ending can never be shown in its thread')
        return false
      }
      if (Date.now() > until) throw error
      log.warn({ error: String(error) }, 'the ending could not be shown yet')
      await sleep(pauseAfter(error, pause))
    }
  }
}

/** Edits of one message: a few at once, and in the long run one an interval. */
function budget(interval: number) {
  // When all of the burst is to be had again.
  let rested = 0
  return {
    /** Milliseconds until an edit may be made that leaves `spare` more of the burst. */
    pauseBefore: (spare: number) => rested - (burst - 1 - spare) * interval - Date.now(),
    spend() {
      rested = Math.max(rested, Date.now()) + interval
    },
  }
}

function pauseAfter(error: unknown, otherwise: number): number {
  return error instanceof ChatError && error.retryAfter !== undefined ? error.retryAfter : otherwise
}

function sleep(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds))
}
