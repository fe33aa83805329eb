import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'

/** Maximum number of commands that are taken over per poll. */
const maxCommands = 50

/**
 * Takes over, periodically, the commands that were accepted by bots that died. Every bot does this; the first to take a
 * command handles it. Returns the function that stops it.
 */
export function takeOver(context: BotContext, handle: (lease: CommandLease) => Promise<void>): () => void {
  let isPolling = false
  const poll = async () => {
    if (isPolling) return
    isPolling = true
    try {
      for (const lease of await context.inbox.takeOver(maxCommands))
        void context.span(lease.id, 'inbox.take-over', async () => undefined).then(() => handle(lease))
    } catch (error) {
      context.log.warn({ error: String(error) }, 'commands could not be taken over; retrying soon')
    } finally {
      isPolling = false
    }
  }
  void poll()
  const timer = setInterval(() => void poll(), context.timing.takeOverIntervalMs)
  return () => clearInterval(timer)
}
