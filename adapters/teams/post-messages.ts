import { type Activity, CloudAdapter, type ConversationReference, type TurnContext } from 'botbuilder'
import type { BotFrameworkAuthentication, ConnectorClient } from 'botframework-connector'
import type { Message } from '#core/messages/message'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { defined } from '#core/util/defined'
import { networkFailure } from '#core/util/network-failure'
import { doublingDelay, retry } from '#core/util/retry'
import { cardContentType } from './card-elements.ts'
import { summaryOf, toCard } from './cards.ts'
import { type Conversation, type ConversationStore, conversationId } from './conversation-store.ts'

type Options = {
  authentication: BotFrameworkAuthentication
  appId: string
  getToken: () => Promise<string>
  conversations: ConversationStore
}

const unknownConversation =
  'Teams: the bot has received nothing from this conversation or tenant yet, so it cannot post there'

/** Milliseconds that one request may take. */
const requestTimeoutMs = 10_000

/** Attempts to post one message, and delay before the second in ms. The delay doubles each time, with jitter. */
const maxAttempts = 5
const firstDelayMs = 500

/**
 * HTTP statuses that are worth a retry. Source: learn.microsoft.com, "Optimize your bot with rate limiting in Teams".
 */
const transientStatuses = new Set([408, 412, 429, 500, 502, 503, 504])

/** Creates the functions that post and edit cards, from any process that has the message's reference. */
export function teamsWriter({
  authentication,
  appId,
  getToken,
  conversations,
}: Options): Pick<ChatAdapter, 'conversation' | 'post' | 'postEphemeral' | 'postDirect' | 'edit' | 'attach'> {
  const inConversation = conversationRunner(new CloudAdapter(authentication), appId)
  const find = async (ref: { team: string; channel: string }): Promise<Conversation> => {
    const known = await conversations.find(ref)
    if (known === undefined) throw new ChatError(unknownConversation, { permanent: true })
    return known
  }

  return {
    async conversation(thread) {
      const { type } = await find(thread)
      return type === 'groupChat' ? 'group' : type === 'personal' ? 'direct' : 'channel'
    },
    async post(thread, message) {
      const known = await find(thread)
      if (known.type === 'channel' && thread.thread === undefined) {
        const id = await retryRequest(() =>
          inConversation(known, thread.channel, (turn) => startThread(turn, thread, activityOf(message))),
        )
        return refOf(thread, id, id)
      }
      const sent = await retryRequest(() =>
        inConversation(known, conversationId(thread), (turn) => turn.sendActivity(activityOf(message))),
      )
      if (sent?.id === undefined) throw new ChatError('Teams returned no id for a message')
      return refOf(thread, sent.id, thread.thread)
    },
    async postEphemeral(thread, account, message) {
      const known = await find(thread)
      // A personal chat has no other readers.
      if (known.type === 'personal') return this.post(thread, message)
      const recipient = { id: account.user, aadObjectId: account.user, name: '' }
      const activity = { ...activityOf(message), recipient }
      const id = await retryRequest(async () =>
        sendTargeted(known.serviceUrl, await getToken(), conversationId(thread), activity),
      )
      return refOf(thread, id, thread.thread)
    },
    async postDirect(thread, account, message) {
      const known = await find(thread)
      const id = await retryRequest(() =>
        inConversation(known, thread.channel, (turn) => startDirect(turn, account.user, activityOf(message))),
      )
      return refOf({ ...thread, channel: id.channel }, id.message, undefined)
    },
    async edit(ref, message) {
      const activity = { ...activityOf(message), id: ref.message }
      const known = await find(ref)
      await request(() => inConversation(known, conversationId(ref), (turn) => turn.updateActivity(activity)))
    },
    async attach() {
      throw new ChatError('Teams accepts files in personal chats only', { permanent: true })
    },
  }
}

type InConversation = <T>(known: Conversation, id: string, work: (turn: TurnContext) => Promise<T>) => Promise<T>

/** Returns a function that runs `work` in a saved conversation, whichever process has saved it. */
function conversationRunner(adapter: CloudAdapter, appId: string): InConversation {
  return async <T>(known: Conversation, id: string, work: (turn: TurnContext) => Promise<T>): Promise<T> => {
    const reference: Partial<ConversationReference> = {
      channelId: 'msteams',
      serviceUrl: known.serviceUrl,
      bot: { id: `28:${appId}`, name: 'retina' },
      conversation: {
        id,
        isGroup: known.type !== 'personal',
        conversationType: known.type,
        tenantId: known.tenant,
        name: '',
      },
    }
    let result: { value: T } | undefined
    await adapter.continueConversationAsync(appId, reference, async (turn) => {
      result = { value: await work(turn) }
    })
    if (result === undefined) throw new ChatError('Teams: the SDK did not run the request')
    return result.value
  }
}

function activityOf(message: Message): Partial<Activity> {
  const attachments = [{ contentType: cardContentType, content: toCard(message) }]
  return { type: 'message', summary: summaryOf(message), attachments }
}

function refOf({ team, channel }: ThreadRef, id: string, thread: string | undefined): MessageRef {
  return { platform: 'teams', team, channel, message: id, ...defined({ thread }) }
}

function connectorOf(turn: TurnContext): ConnectorClient {
  const { adapter } = turn
  return turn.turnState.get<ConnectorClient>((adapter as CloudAdapter).ConnectorClientKey)
}

/** Starts a thread in a channel with a message; resolves with the message's id. */
async function startThread(turn: TurnContext, thread: ThreadRef, activity: Partial<Activity>): Promise<string> {
  const { conversations } = connectorOf(turn)
  const { tenantId = '' } = turn.activity.conversation
  const channelData = { channel: { id: thread.channel }, tenant: { id: tenantId } }
  const created = await conversations.createConversation({
    isGroup: true,
    channelData,
    activity: activity as Activity,
    bot: turn.activity.recipient,
    tenantId,
  })
  if (created.activityId === undefined) throw new ChatError('Teams returned no id for a message')
  return created.activityId
}

/** Starts, or finds, a person's own conversation with the bot, and posts a message there. */
async function startDirect(
  turn: TurnContext,
  user: string,
  activity: Partial<Activity>,
): Promise<{ channel: string; message: string }> {
  const { conversations } = connectorOf(turn)
  const { tenantId = '' } = turn.activity.conversation
  const created = await conversations.createConversation({
    isGroup: false,
    channelData: { tenant: { id: tenantId } },
    activity: activity as Activity,
    bot: turn.activity.recipient,
    members: [{ id: user, name: '' }],
    tenantId,
  })
  return { channel: created.id, message: created.activityId ?? '' }
}

/**
 * Sends a message that only its recipient sees; resolves with its id.
 * Source: learn.microsoft.com, "Send and receive targeted messages in group conversations".
 */
async function sendTargeted(
  serviceUrl: string,
  token: string,
  id: string,
  activity: Partial<Activity>,
): Promise<string> {
  // The SDK has no method for it.
  const path = `/v3/conversations/${encodeURIComponent(id)}/activities?isTargetedActivity=true`
  const response = await fetch(`${serviceUrl.replace(/\/$/, '')}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(activity),
    signal: AbortSignal.timeout(requestTimeoutMs),
    redirect: 'error',
  })
  if (!response.ok) {
    const get = (name: string) => response.headers.get(name) ?? undefined
    throw Object.assign(new Error('targeted message'), { statusCode: response.status, response: { headers: { get } } })
  }
  return ((await response.json()) as { id?: string }).id ?? ''
}

/** Makes one attempt; turns every failure into a `ChatError` with whether and when a retry makes sense. */
async function request<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    throw toChatError(error)
  }
}

/** Retries a request; rejects with the last `ChatError`. */
function retryRequest<T>(send: () => Promise<T>): Promise<T> {
  return retry(
    () => request(send),
    (error, { attempt }) => {
      if (!(error instanceof ChatError) || error.permanent || attempt === maxAttempts) return undefined
      return error.retryAfterMs ?? doublingDelay(firstDelayMs, attempt) * (0.5 + Math.random())
    },
  )
}

function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  const { statusCode, response, message } = error as {
    statusCode?: number
    message?: string
    response?: { headers?: { get: (name: string) => string | undefined } }
  }
  const why = statusCode === undefined ? networkFailure(error) : undefined
  const what = `Teams: ${statusCode ?? ''} ${why ?? message ?? String(error)}`.slice(0, 300)
  if (statusCode === undefined || transientStatuses.has(statusCode)) {
    const seconds = Number(response?.headers?.get('retry-after'))
    return new ChatError(what, { ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}), cause: error })
  }
  return new ChatError(what, { permanent: true, cause: error })
}
