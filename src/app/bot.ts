import type { Inbox } from '#core/ports/chat'
import { openUnderWay } from '#core/util/pending-work'
import type { Limit } from '#core/util/timeout'
import type { House } from '#src/bot/context'
import { accept } from '#src/bot/inbox/accept'
import { onAction } from '#src/bot/inbox/handle-action'
import { onCommand } from '#src/bot/inbox/handle-command'
import { onQuestion } from '#src/bot/inbox/handle-question'
import { takeOver } from '#src/bot/inbox/take-over'
import type { Config } from '#src/config/load'
import { botHouse, type Ingredients } from './contexts.ts'
import type { HttpServer } from './http.ts'
import { openPages } from './pages.ts'

/** What doors hand commands to. */
export function openInbox(house: House): {
  inbox: Inbox
  /** Goes on with commands of others that were cut off; returns the way to stop that. */
  takeOver: () => () => void
  /** Resolves when what was accepted here is done; what isn't within the limit is left to others. */
  settled: (limit: Limit) => Promise<void>
} {
  const { watched, settled } = openUnderWay()
  const handle = watched(onCommand(house))
  const command = accept(house, handle)
  return {
    inbox: { command: (inbound) => command(inbound), action: onAction(command), ask: onQuestion(house) },
    takeOver: () => takeOver(house, handle),
    async settled(limit) {
      await limit(settled())
      await house.intake.close()
    },
  }
}

/** The way to close the doors, within a limit. */
export async function openBot(
  whole: Ingredients & { config: Config; mount: HttpServer['mount'] },
  limit: Limit,
): Promise<() => Promise<void>> {
  const house = botHouse(whole)
  const { inbox, takeOver: begin, settled } = openInbox(house)
  openPages(whole, house)
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
