import type { InboundHandlers } from '#core/ports/chat'
import { trackPendingWork } from '#core/util/pending-work'
import type { SharedTimeout } from '#core/util/timeout'
import { createHeardHandler } from '#src/bot/alerts/receive-alerts'
import type { BotContext } from '#src/bot/context'
import { type Accept, accept } from '#src/bot/inbox/accept'
import { createActionHandler } from '#src/bot/inbox/accept-pressed-button'
import { createQuestionHandler } from '#src/bot/inbox/answer-read-only-query'
import { createCommandHandler } from '#src/bot/inbox/handle-command'
import { takeOver } from '#src/bot/inbox/take-over'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { openAlerts } from './alerts.ts'
import { createBotContext, type ProgramParts } from './contexts.ts'
import { createIncidentLabels } from './pagerduty-incident-labels.ts'
import { mountPages } from './pages.ts'

/** Creates the handlers that chat adapters call. */
export function createInboundHandlers(context: BotContext): {
  inbox: InboundHandlers
  /** Accepts a command, or an alert. */
  accept: Accept
  /** Starts to take over the commands of bots that died; returns the function that stops it. */
  takeOver: () => () => void
  /** Resolves when the commands accepted here are done; those that exceed the limit are left to other processes. */
  settled: (limit: SharedTimeout) => Promise<void>
} {
  const { watched, settled } = trackPendingWork()
  const command: Accept = accept(context, (lease) => handle(lease))
  const handle = watched(createCommandHandler(context, command))
  return {
    accept: command,
    inbox: {
      command: (inbound) => command(inbound),
      action: createActionHandler(command),
      query: createQuestionHandler(context),
      heard: createHeardHandler(context, command),
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
  const incidentLabels = createIncidentLabels(shared.config, shared.log)
  const context = { ...createBotContext(shared), incidentLabels }
  const { inbox, accept: acceptCommand, takeOver: startTakeOver, settled } = createInboundHandlers(context)
  mountPages(shared, context)
  openAlerts(shared, context, acceptCommand)
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
