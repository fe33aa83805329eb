import { channelText, type ThreadRef } from './thread-ref.ts'

/**
 * Kind of a conversation. `channel`: others read it, and its messages have threads. `group`: others read it, without
 * threads. `direct`: nobody but its one person reads it.
 */
export type ConversationKind = 'channel' | 'group' | 'direct'

/** Where the output of a run is shown: in the thread of its message, or in that message. */
export type OutputPlace = 'thread' | 'channel'

/** The owner's choices, by platform (`slack`) and by channel (`slack:channel/C0INCIDENT`). */
export type OutputPlaces = Readonly<Partial<Record<string, OutputPlace>>>

/** Returns where the output of a run in this conversation is shown: the channel's setting wins over the platform's. */
export function outputPlaceIn(places: OutputPlaces, thread: ThreadRef): OutputPlace {
  return places[channelText(thread)] ?? places[thread.platform] ?? 'thread'
}
