import type { CommandLease } from '#core/ports/inbox'
import { delay } from '#core/util/delay'
import type { BotContext } from '#src/bot/context'

/** Maximum number of commands that are taken over per poll. */
const maxCommands = 50

/**
 * Takes over, periodically, the commands that were accepted by bots that died. Every bot does this; the first to take a
 * command handles it. Returns the function that stops it.
 */
export function takeOver(context: BotContext, handle: (lease: CommandLease) => Promise<void>): () => void {
  const stop = new AbortController()
  const poll = async () => {
    try {
      for (const lease of await context.inbox.takeOver(maxCommands))
        void context.span(lease.id, 'inbox.take-over', async () => undefined).then(() => handle(lease))
    } catch (error) {
      context.log.warn({ error: String(error) }, 'commands could not be taken over; retrying soon')
    }
  }
  const pollUntilStopped = async () => {
    while (!stop.signal.aborted) {
      await poll()
      await delay(context.timing.takeOverIntervalMs, stop.signal)
    }
  }
  void pollUntilStopped()
  return () => stop.abort()
}
