import type { Message } from '#core/messages/message'
import type { Platform } from '#core/people/principal'
import { type Attachment, type ChatAdapter, ChatError, type EventStream } from '#core/ports/chat'
import type { Instant } from '#core/util/iso-instant'

/** What stands on a board of a chat: a channel's messages in order, and what became of them. */
export type ChannelEvent =
  | { type: 'said'; message: string; by: string; text: string; at: Instant; thread?: string }
  | { type: 'posted'; message: string; notice: Message; at: Instant; thread?: string }
  | { type: 'edited'; message: string; notice: Message; at: Instant }
  | { type: 'attached'; message: string; file: Attachment; at: Instant }

/** A board's name for a channel. */
export function streamKey(platform: Platform, channel: string): string {
  return `${platform}:${channel}`
}

/**
 * Writing to a chat that is a board: whatever process holds the run writes, whatever process shows the chat reads.
 * Rejects with `ChatError` when the board can't be written.
 */
export function streamAdapter(
  platform: Platform,
  board: EventStream,
  now: () => Date,
  newId: () => string,
): Pick<ChatAdapter, 'post' | 'postEphemeral' | 'edit' | 'attach'> {
  const append = async (channel: string, entry: ChannelEvent) => {
    await board.append(streamKey(platform, channel), entry).catch((cause: unknown) => {
      throw new ChatError('the board could not be written', { cause })
    })
  }
  const at = () => now().toISOString()
  const post: ChatAdapter['post'] = async (thread, notice) => {
    const message = newId()
    const under = thread.thread === undefined ? {} : { thread: thread.thread }
    await append(thread.channel, { type: 'posted', message, notice, at: at(), ...under })
    return { platform, team: thread.team, channel: thread.channel, message, ...under }
  }
  return {
    post,
    // Whoever reaches a board sees all of it.
    postEphemeral: (thread, _account, notice) => post(thread, notice),
    edit: (message, notice) => append(message.channel, { type: 'edited', message: message.message, notice, at: at() }),
    attach: (message, file) => append(message.channel, { type: 'attached', message: message.message, file, at: at() }),
  }
}
