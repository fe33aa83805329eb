import type { InboundHandlers } from '#core/ports/chat'
import { trackPendingWork } from '#core/util/pending-work'
import type { SharedTimeout } from '#core/util/timeout'
import type { BotContext } from '#src/bot/context'
import { accept } from '#src/bot/inbox/accept'
import { createQuestionHandler } from '#src/bot/inbox/answer-read-only-query'
import { createActionHandler } from '#src/bot/inbox/handle-action'
import { createCommandHandler } from '#src/bot/inbox/handle-command'
import { takeOver } from '#src/bot/inbox/take-over'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { createBotContext, type ProgramParts } from './contexts.ts'
import { mountPages } from './pages.ts'

/** Creates the handlers that chat adapters call. */
export function createInboundHandlers(context: BotContext): {
  inbox: InboundHandlers
  /** Starts to take over the commands of bots that died; returns the function that stops it. */
  takeOver: () => () => void
  /** Resolves when the commands accepted here are done; those that exceed the limit are left to other processes. */
  settled: (limit: SharedTimeout) => Promise<void>
} {
  const { watched, settled } = trackPendingWork()
  const handle = watched(createCommandHandler(context))
  const command = accept(context, handle)
  return {
    inbox: {
      command: (inbound) => command(inbound),
      action: createActionHandler(command),
      query: createQuestionHandler(context),
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
  shared: ProgramParts & { config: Config; mount: Mount },
  limit: SharedTimeout,
): Promise<() => Promise<void>> {
  const context = createBotContext(shared)
  const { inbox, takeOver: startTakeOver, settled } = createInboundHandlers(context)
  mountPages(shared, context)
  for (const adapter of shared.adapters.values()) await adapter.listen(inbox)
  const stopTakingOver = startTakeOver()
  const gaugeTimer = setInterval(() => {
    shared.queue.counts().then(
      ({ waiting }) => shared.metrics.waiting(waiting),
      () => undefined,
    )
  }, 5_000)
  return async () => {
    clearInterval(gaugeTimer)
    stopTakingOver()
    for (const adapter of shared.adapters.values()) await adapter.close()
    await settled(limit)
  }
}
