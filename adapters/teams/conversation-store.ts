import type { Activity } from 'botbuilder'
import type { ThreadRef } from '#core/messages/thread-ref'
import { type StoredConversation, type Values, verified } from '#core/ports/store'
import { withTimeout } from '#core/util/timeout'

/** Conversation as stored, so that any process can write there later. */
export type Conversation = StoredConversation

/** Signed store of conversations, shared by all processes. */
export type ConversationValues = Pick<Values, 'setValue' | 'getValue'>

/** Maximum ms to wait for the store, where this process knows the conversation itself. */
const storeTimeoutMs = 1_000

export type ConversationStore = {
  /** Notes where something came from, so that we can speak there first; what is asked of the memory is asked at once. */
  heard: (thread: ThreadRef, conversation: Omit<Conversation, 'tenant'>) => Promise<void>
  /** What we know of a conversation; of one that we never heard of, what we know of its tenant. */
  find: (place: { team: string; channel: string }) => Promise<Conversation | undefined>
}

/** `home`: the tenant of conversations of which only the id is known. */
export function createConversationStore(values: ConversationValues, home: string): ConversationStore {
  const known = new Map<string, string>()
  /** What was heard here, noted or not. */
  const here = new Map<string, Conversation>()
  const save = async (key: string, conversation: Conversation) => {
    const text = JSON.stringify(conversation)
    if (known.get(key) === text) return
    await values.setValue('conversation', key, conversation)
    known.set(key, text)
  }
  const read = async (key: string) => verified(await values.getValue('conversation', key))
  return {
    async heard({ team, channel }, heard) {
      const conversation = { ...heard, tenant: team }
      here.set(channel, conversation)
      await Promise.all([
        save(`teams:conversation:${channel}`, conversation),
        save(`teams:tenant:${team}`, { ...conversation, type: 'channel' }),
      ])
    },
    async find({ team, channel }) {
      const remembered = async () =>
        (await read(`teams:conversation:${channel}`)) ?? (await read(`teams:tenant:${team || home}`))
      const own = here.get(channel)
      return own === undefined ? remembered() : ((await withTimeout(storeTimeoutMs, remembered())) ?? own)
    },
  }
}

/** A conversation's id as Teams has it: in a channel, the message that a thread hangs under is part of it. */
export function conversationId({ channel, thread }: Pick<ThreadRef, 'channel' | 'thread'>): string {
  return thread === undefined ? channel : `${channel};messageid=${thread}`
}

/** The place that an activity came from. `team` is the tenant. */
export function placeOf(activity: Activity): ThreadRef & Omit<Conversation, 'tenant'> {
  const [channel = '', thread] = activity.conversation.id.split(';messageid=')
  const data = activity.channelData as { tenant?: { id?: string } } | undefined
  const type = activity.conversation.conversationType
  return {
    platform: 'teams',
    team: (activity.conversation.tenantId ?? data?.tenant?.id ?? '').toLowerCase(),
    channel,
    ...(thread === undefined ? {} : { thread }),
    serviceUrl: activity.serviceUrl,
    type: type === 'channel' || type === 'groupChat' ? type : 'personal',
  }
}
