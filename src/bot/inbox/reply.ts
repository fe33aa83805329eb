import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/people/refs'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'

/** What concerns nobody but who asked: shown to them alone, where the platform can. */
const forOneOnly: ReadonlySet<Message['kind']> = new Set(['help', 'misunderstood', 'refused', 'confirm', 'link'])

/** What is said on the way; everything else is the last word about a command. */
const onTheWay: ReadonlySet<Message['kind']> = new Set(['asking', 'queued', 'starting', 'running', 'fan-out'])

/** The one message of a command. */
type Said = { message: MessageRef; kind: Message['kind']; whispered: boolean }

const saidStep = 'said'

/**
 * Says it once, whoever is cut off: a command has one message, and what is said after the first word replaces it. Only a message whose
 * reference nobody lived to note stands there twice.
 */
export function createReply(
  context: BotContext,
  adapter: ChatAdapter,
  held: CommandLease,
): (notice: Message) => Promise<MessageRef> {
  const { id, inbound } = held
  const write = async (notice: Message, before: Said | undefined): Promise<Said> => {
    const { kind } = notice
    if (before !== undefined && !before.whispered) {
      const replaced = await adapter.edit(before.message, notice).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ChatError && error.permanent) return false
          throw error
        },
      )
      if (replaced) return { ...before, kind }
    }
    const whispered = forOneOnly.has(kind) && !('toAll' in notice)
    const { thread, account } = inbound
    const message = await (whispered ? adapter.whisper(thread, account, notice) : adapter.post(thread, notice))
    return { message, kind, whispered }
  }
  return async (notice) => {
    await held.assertOwned()
    const before = held.savedStep(saidStep) as Said | undefined
    const said = await context.span(id, 'reply', () => write(notice, before))
    await context.span(id, 'save-reply', () => held.saveStep(saidStep, said))
    return said.message
  }
}

/** True where the last word was said: what is left is to forget the command. */
export function hasFinalReply(held: CommandLease): boolean {
  const said = held.savedStep(saidStep) as Said | undefined
  return said !== undefined && !onTheWay.has(said.kind)
}
