import type { InboundHandlers } from '#core/ports/chat'
import { trackPendingWork } from '#core/util/pending-work'
import type { SharedTimeout } from '#core/util/timeout'
import type { BotContext } from '#src/bot/context'
import { accept } from '#src/bot/inbox/accept'
import { createActionHandler } from '#src/bot/inbox/handle-action'
import { createCommandHandler } from '#src/bot/inbox/handle-command'
import { createQuestionHandler } from '#src/bot/inbox/handle-question'
import { takeOver } from '#src/bot/inbox/take-over'
import type { Config } from '#src/config/load'
import { createBotContext, type SharedContext } from './contexts.ts'
import type { HttpServer } from './http.ts'
import { mountPages } from './pages.ts'

/** Creates the handlers that chat adapters call. */
export function createInboundHandlers(context: BotContext): {
  inbox: InboundHandlers
  /** Goes on with commands of others that were cut off; returns the way to stop that. */
  takeOver: () => () => void
  /** Resolves when what was accepted here is done; what isn't within the limit is left to others. */
  settled: (limit: SharedTimeout) => Promise<void>
} {
  const { watched, settled } = trackPendingWork()
  const handle = watched(createCommandHandler(context))
  const command = accept(context, handle)
  return {
    inbox: {
      command: (inbound) => command(inbound),
      action: createActionHandler(command),
      ask: createQuestionHandler(context),
    },
    takeOver: () => takeOver(context, handle),
    async settled(limit) {
      await limit(settled())
      await context.inbox.close()
    },
  }
}

/** Starts all chat adapters. Returns the function that stops them within the shared timeout. */
export async function startBot(
  whole: SharedContext & { config: Config; mount: HttpServer['mount'] },
  limit: SharedTimeout,
): Promise<() => Promise<void>> {
  const context = createBotContext(whole)
  const { inbox, takeOver: begin, settled } = createInboundHandlers(context)
  mountPages(whole, context)
  for (const adapter of whole.adapters.values()) await adapter.listen(inbox)
  const stopTakingOver = begin()
  const gauge = setInterval(() => {
    whole.queue.counts().then(
      ({ waiting }) => whole.metrics.waiting(waiting),
      () => undefined,
    )
  }, 5_000)
  return async () => {
    clearInterval(gauge)
    stopTakingOver()
    for (const adapter of whole.adapters.values()) await adapter.close()
    await settled(limit)
  }
}
