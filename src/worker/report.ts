import type { Notice } from '#core/notice'
import { type ChatAdapter, ChatError, type Log } from '#core/ports'
import type { MessageRef } from '#core/request'

/** The one message of a run, kept up to date at its platform's pace. */
export type Report = {
  /** Wants this shown; when a newer one comes before it could be, it is dropped. */
  show: (notice: () => Notice) => void
  /** Shows the ending. Resolves true once it stands in the thread, false when the platform will never take it. */
  finish: (notice: Notice) => Promise<boolean>
}

/** Of a run that another message tells of. */
export const silentReport: Report = { show: () => undefined, finish: async () => true }

/** How long an ending is tried, in milliseconds, before it is left to the sweep. */
const patience = 60 * 60_000
const firstPause = 500
const longestPause = 30_000

export function openReport(adapter: ChatAdapter, message: MessageRef, log: Log): Report {
  let wanted: (() => Notice) | undefined
  let ending = false
  let busy: Promise<void> | undefined
  // The first progress waits a little: a tool that ends at once goes from "queued" to its ending in one edit.
  let nextProgress = Date.now() + adapter.limits.editInterval / 2
  let nextEdit = 0
  const { promise: finishing, resolve: finishNow } = Promise.withResolvers<void>()

  const pace = async () => {
    while (wanted !== undefined && !ending) {
      await Promise.race([sleep(Math.max(nextProgress, nextEdit) - Date.now()), finishing])
      const notice = wanted
      wanted = undefined
      if (notice === undefined || ending) return
      nextEdit = Date.now() + adapter.limits.editInterval
      await adapter.edit(message, notice()).catch((error: unknown) => {
        // Tried again unless a newer one or the ending replaces it: a quiet tool might have nothing newer for long.
        if (!(error instanceof ChatError && error.permanent)) wanted ??= notice
        nextProgress = Date.now() + pauseAfter(error, adapter.limits.editInterval)
        log.debug({ error: String(error) }, 'edit not taken')
      })
    }
  }

  return {
    show(notice) {
      wanted = notice
      if (busy !== undefined) return
      busy = pace().finally(() => {
        busy = undefined
      })
    },
    async finish(notice) {
      ending = true
      finishNow()
      await busy
      const until = Date.now() + patience
      await sleep(nextEdit - Date.now())
      for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
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
    },
  }
}

function pauseAfter(error: unknown, otherwise: number): number {
  return error instanceof ChatError && error.retryAfter !== undefined ? error.retryAfter : otherwise
}

function sleep(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds))
}
