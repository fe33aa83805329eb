import type { Message } from '#core/messages/message'
import { notAcceptedMessage } from '#core/messages/not-accepted'
import type { InboundCommand } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'

/** `press`: the same press again within some seconds is the same command. */
export type Accept = (inbound: InboundCommand, press?: string) => Promise<Message | undefined>

/**
 * Hop 1's other half: keeps what somebody asked before their door acknowledges it, and hands it on. Resolves with what the door tells
 * whoever asked where it was not accepted, and then it is never carried out.
 */
export function accept(context: BotContext, handle: (held: CommandLease) => Promise<void>): Accept {
  return async (inbound, press) => {
    const { account, thread, text, key } = inbound
    const id = runIdOf(account.platform, account.team, thread.channel, key, account.user, text)
    const answer = await context.span(id, 'inbox.accept', () => context.inbox.accept({ id, inbound }, press))
    if (answer === 'duplicate') {
      context.count('duplicates')
      return undefined
    }
    if (answer === 'away' || answer === 'full') {
      context.log.warn({ command: id, why: answer }, 'not accepted')
      return { ...notAcceptedMessage(answer, context.rules().contact), typed: text }
    }
    void handle(answer)
    return undefined
  }
}
