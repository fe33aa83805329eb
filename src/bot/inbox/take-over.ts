import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'

/** Commands that are taken over at a time. */
const atOnce = 50

/** Goes on with what bots that were cut off had accepted; in every bot, whichever comes first. Returns the way to stop. */
export function takeOver(context: BotContext, handle: (held: CommandLease) => Promise<void>): () => void {
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      for (const held of await context.inbox.takeOver(atOnce))
        void context.span(held.id, 'inbox.take-over', async () => undefined).then(() => handle(held))
    } catch (error) {
      context.log.warn({ error: String(error) }, 'commands could not be taken over; tried again soon')
    } finally {
      looking = false
    }
  }
  void look()
  const timer = setInterval(() => void look(), context.timing.takeOverIntervalMs)
  return () => clearInterval(timer)
}
