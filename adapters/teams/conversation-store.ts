import type { Activity } from 'botbuilder'
import type { ThreadRef } from '#core/messages/thread-ref'
import { type StoredConversation, type Values, verified } from '#core/ports/store'
import { createCache } from '#core/util/cache'
import { defined } from '#core/util/defined'
import { withTimeout } from '#core/util/timeout'
import { isServiceUrl } from './service-url.ts'

/** Stored data of a conversation, with which any process can post to it later. */
export type Conversation = StoredConversation

/** Signed store of conversations, shared by all processes. */
export type ConversationValues = Pick<Values, 'setValue' | 'getValue'>

/** Milliseconds to wait for the shared store before the copy of this process is used instead. */
const readTimeoutMs = 1_000

export type ConversationStore = {
  /**
   * Saves the conversation that an activity came from, so that the bot can post there unprompted. The writes to the
   * shared store are issued before this returns its promise.
   */
  save: (thread: ThreadRef, conversation: Omit<Conversation, 'tenant'>) => Promise<void>
  /** Returns the saved conversation; for an unknown one, a channel conversation with the tenant's service URL. */
  find: (ref: { team: string; channel: string }) => Promise<Conversation | undefined>
}

export type ConversationStoreOptions = {
  values: ConversationValues
  /** Tenant of conversations of which only the id is known. */
  homeTenant: string
  /** Hosts to which the bot's token may be sent. */
  serviceHosts: readonly string[]
}

/** Maximum of conversations that a process remembers; the shared store has all. */
const maxConversations = 10_000

export function createConversationStore(options: ConversationStoreOptions): ConversationStore {
  const { values, homeTenant, serviceHosts } = options
  /** Values that this process has written to the shared store, to write each only once. */
  const written = createCache<string>(maxConversations)
  /** Conversations of this process by channel, whether or not they have been written to the shared store. */
  const local = createCache<Conversation>(maxConversations)
  const write = async (key: string, conversation: Conversation) => {
    const text = JSON.stringify(conversation)
    if (written.get(key) === text) return
    await values.setValue('conversation', key, conversation)
    written.set(key, text)
  }
  const read = async (key: string) => {
    const conversation = verified(await values.getValue('conversation', key))
    // The owner may have removed a host since.
    return conversation !== undefined && isServiceUrl(conversation.serviceUrl, serviceHosts) ? conversation : undefined
  }
  return {
    async save({ team, channel }, data) {
      const conversation = { ...data, tenant: team }
      local.set(channel, conversation)
      await Promise.all([
        write(`teams:conversation:${channel}`, conversation),
        write(`teams:tenant:${team}`, { ...conversation, type: 'channel' }),
      ])
    },
    async find({ team, channel }) {
      const readShared = async () =>
        (await read(`teams:conversation:${channel}`)) ?? (await read(`teams:tenant:${team || homeTenant}`))
      const own = local.get(channel)
      return own === undefined ? readShared() : ((await withTimeout(readTimeoutMs, readShared())) ?? own)
    },
  }
}

/** Returns a conversation's id in Teams: in a channel, it contains the id of the thread's root message. */
export function conversationId({ channel, thread }: Pick<ThreadRef, 'channel' | 'thread'>): string {
  return thread === undefined ? channel : `${channel};messageid=${thread}`
}

/** Returns the thread and conversation that an activity came from. `team` is the tenant's id. */
export function conversationOf(activity: Activity): ThreadRef & Omit<Conversation, 'tenant'> {
  const [channel = '', thread] = activity.conversation.id.split(';messageid=')
  const data = activity.channelData as { tenant?: { id?: string } } | undefined
  const type = activity.conversation.conversationType
  return {
    platform: 'teams',
    team: (activity.conversation.tenantId ?? data?.tenant?.id ?? '').toLowerCase(),
    channel,
    ...defined({ thread }),
    serviceUrl: activity.serviceUrl,
    type: type === 'channel' || type === 'groupChat' ? type : 'personal',
  }
}
