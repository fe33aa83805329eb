import { notAcceptedMessage } from '#core/messages/store-unavailable-message'
import type { InboundCommand, InboundResult } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'

/** Accepts a command. `press`: the same button press within some seconds is the same command. */
export type Accept = (inbound: InboundCommand, press?: string) => Promise<InboundResult>

/**
 * Creates the function that stores a command before its chat adapter acknowledges it, and passes it to `handle`.
 */
export function accept(context: BotContext, handle: (lease: CommandLease) => Promise<void>): Accept {
  return async (inbound, press) => {
    const { account, thread, text, key } = inbound
    const id = runIdOf(account.platform, account.team, thread.channel, key, account.user, text)
    const result = await context.span(id, 'inbox.accept', () => context.inbox.accept({ id, inbound }, press))
    if (result === 'duplicate') {
      context.count('duplicates')
      return { ok: true }
    }
    if (result === 'away' || result === 'full') {
      context.log.warn({ command: id, why: result }, 'command not accepted')
      return { ok: false, refusal: { ...notAcceptedMessage(result, context.rules().contact), typed: text } }
    }
    void handle(result)
    return { ok: true }
  }
}
