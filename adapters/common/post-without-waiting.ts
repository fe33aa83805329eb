import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'

/** Posts a message to the sender of a command that was not accepted. */
export type RefusalReply = (thread: ThreadRef, message: Message) => void

/** Creates the function that posts such messages without anybody waiting for it. `chat`: name of the platform in the log. */
export function createRefusalReply(chat: string, writer: Pick<ChatAdapter, 'post'>, log: Log): RefusalReply {
  return (thread, message) => {
    writer.post(thread, message).catch((error: unknown) => {
      log.error({ error: String(error) }, `${chat}: the reply that a command was not accepted could not be posted`)
    })
  }
}
