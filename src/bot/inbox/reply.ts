import type { Message } from '#core/messages/message'
import type { MessageRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { CommandLease } from '#core/ports/inbox'
import type { BotContext } from '#src/bot/context'

/** Messages that concern the requester only: shown to them alone, where the platform can do that. */
const privateKinds: ReadonlySet<Message['kind']> = new Set(['help', 'misunderstood', 'refused', 'confirm', 'link'])

/** Intermediate replies; every other kind is the final reply to a command. */
const intermediateKinds: ReadonlySet<Message['kind']> = new Set(['asking', 'queued', 'starting', 'running', 'fan-out'])

/** The one message of a command, as its last reply left it. */
type SavedReply = { message: MessageRef; kind: Message['kind']; whispered: boolean }

const replyStep = 'said'

/**
 * Creates the function that replies to a command. A command has one message: each reply replaces the one before, even
 * if a process that died wrote that one. A message appears twice only where the process died before it saved the
 * message's reference.
 */
export function createReply(
  context: BotContext,
  adapter: ChatAdapter,
  lease: CommandLease,
): (notice: Message) => Promise<MessageRef> {
  const { id, inbound } = lease
  const write = async (notice: Message, previous: SavedReply | undefined): Promise<SavedReply> => {
    const { kind } = notice
    if (previous !== undefined && !previous.whispered) {
      const replaced = await adapter.edit(previous.message, notice).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ChatError && error.permanent) return false
          throw error
        },
      )
      if (replaced) return { ...previous, kind }
    }
    const whispered = privateKinds.has(kind) && !('toAll' in notice)
    const { thread, account } = inbound
    const message = await (whispered ? adapter.postEphemeral(thread, account, notice) : adapter.post(thread, notice))
    return { message, kind, whispered }
  }
  return async (notice) => {
    await lease.assertOwned()
    const previous = lease.savedStep(replyStep) as SavedReply | undefined
    const reply = await context.span(id, 'reply', () => write(notice, previous))
    await context.span(id, 'save-reply', () => lease.saveStep(replyStep, reply))
    return reply.message
  }
}

/** Returns true where the final reply was written: the command only has to be acknowledged. */
export function hasFinalReply(lease: CommandLease): boolean {
  const reply = lease.savedStep(replyStep) as SavedReply | undefined
  return reply !== undefined && !intermediateKinds.has(reply.kind)
}
