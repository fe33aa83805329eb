import type { Message } from '#core/messages/message'
import type { Platform } from '#core/people/platforms'
import { type Attachment, type ChatAdapter, ChatError, type EventStream } from '#core/ports/chat'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'

/**
 * Entry of a channel's event stream: a message of a person (`said`) or of the bot, an edit or a file. Entries are
 * stored in Redis, so `type` and field names must not change.
 */
export type ChannelEvent =
  | { type: 'said'; message: string; by: string; text: string; at: Instant; thread?: string }
  | { type: 'posted'; message: string; notice: Message; at: Instant; thread?: string }
  | { type: 'edited'; message: string; notice: Message; at: Instant }
  | { type: 'attached'; message: string; file: Attachment; at: Instant }

/** Returns the key of a channel's event stream. */
export function streamKey(platform: Platform, channel: string): string {
  return `${platform}:${channel}`
}

/**
 * Creates the functions that write messages to a channel's event stream. Any process can write; the process that shows
 * the chat reads. They reject with `ChatError` if the stream can't be written.
 */
export function streamAdapter(
  platform: Platform,
  stream: EventStream,
  now: () => Date,
  newId: () => string,
): Pick<ChatAdapter, 'post' | 'postEphemeral' | 'postDirect' | 'edit' | 'attach'> {
  const append = async (channel: string, entry: ChannelEvent) => {
    await stream.append(streamKey(platform, channel), entry).catch((cause: unknown) => {
      throw new ChatError('the event stream could not be written', { cause })
    })
  }
  const at = () => now().toISOString()
  const post: ChatAdapter['post'] = async (thread, message) => {
    const id = newId()
    const inThread = defined({ thread: thread.thread })
    await append(thread.channel, { type: 'posted', message: id, notice: message, at: at(), ...inThread })
    return { platform, team: thread.team, channel: thread.channel, message: id, ...inThread }
  }
  return {
    post,
    // A stream has no private entries: its readers see all of it.
    postEphemeral: (thread, _account, message) => post(thread, message),
    postDirect: (thread, _account, message) => post(thread, message),
    edit: (ref, message) => append(ref.channel, { type: 'edited', message: ref.message, notice: message, at: at() }),
    attach: (ref, file) => append(ref.channel, { type: 'attached', message: ref.message, file, at: at() }),
  }
}
