import { type Activity, CloudAdapter, type ConversationReference, type TurnContext } from 'botbuilder'
import type { BotFrameworkAuthentication, ConnectorClient } from 'botframework-connector'
import type { Message } from '#core/messages/message'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { summaryOf, toCard } from './cards.ts'
import { type Conversation, type ConversationStore, conversationId } from './conversation-store.ts'

type Options = {
  authentication: BotFrameworkAuthentication
  appId: string
  bearer: () => Promise<string>
  places: ConversationStore
}

const unheard = 'Teams: nothing was ever heard from there, so nothing can be written'

/** Milliseconds that one call may take. */
const patience = 10_000

/** Tries of one message, and the pause before the second in milliseconds; each further one is twice as long, with some chance in it. */
const tries = 5
const firstPause = 500

/** What is worth trying again. Source: learn.microsoft.com, "Optimize your bot with rate limiting in Teams". */
const passing = new Set([408, 412, 429, 500, 502, 503, 504])

/** Writing to Teams: cards, edited in place, from any process that knows the message's reference. */
export function teamsWriter({
  authentication,
  appId,
  bearer,
  places,
}: Options): Pick<ChatAdapter, 'post' | 'postEphemeral' | 'edit' | 'attach'> {
  const within = insideOf(new CloudAdapter(authentication), appId)
  const find = async (place: { team: string; channel: string }): Promise<Conversation> => {
    const known = await places.find(place)
    if (known === undefined) throw new ChatError(unheard, { permanent: true })
    return known
  }

  return {
    async post(thread, notice) {
      const known = await find(thread)
      if (known.type === 'channel' && thread.thread === undefined) {
        const id = await insist(() =>
          within(known, thread.channel, (context) => newThread(context, thread, activityOf(notice))),
        )
        return refOf(thread, id, id)
      }
      const sent = await insist(() =>
        within(known, conversationId(thread), (context) => context.sendActivity(activityOf(notice))),
      )
      if (sent?.id === undefined) throw new ChatError('Teams gave no id for a message')
      return refOf(thread, sent.id, thread.thread)
    },
    async postEphemeral(thread, account, notice) {
      const known = await find(thread)
      // Between two there is nobody else who could read it.
      if (known.type === 'personal') return this.post(thread, notice)
      const recipient = { id: account.user, aadObjectId: account.user, name: '' }
      const activity = { ...activityOf(notice), recipient }
      const id = await insist(async () => targeted(known.serviceUrl, await bearer(), conversationId(thread), activity))
      return refOf(thread, id, thread.thread)
    },
    async edit(message, notice) {
      const activity = { ...activityOf(notice), id: message.message }
      const known = await find(message)
      await once(() => within(known, conversationId(message), (context) => context.updateActivity(activity)))
    },
    async attach() {
      throw new ChatError('Teams takes files in personal chats only', { permanent: true })
    },
  }
}

type Within = <T>(known: Conversation, id: string, work: (context: TurnContext) => Promise<T>) => Promise<T>

/** Works in a conversation that was heard of before, from whatever process. */
function insideOf(adapter: CloudAdapter, appId: string): Within {
  return async <T>(known: Conversation, id: string, work: (context: TurnContext) => Promise<T>): Promise<T> => {
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
    await adapter.continueConversationAsync(appId, reference, async (context) => {
      result = { value: await work(context) }
    })
    if (result === undefined) throw new ChatError('Teams: nothing came back')
    return result.value
  }
}

function activityOf(notice: Message): Partial<Activity> {
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: toCard(notice) }]
  return { type: 'message', summary: summaryOf(notice), attachments }
}

function refOf({ team, channel }: ThreadRef, message: string, thread: string | undefined): MessageRef {
  return { platform: 'teams', team, channel, message, ...(thread === undefined ? {} : { thread }) }
}

function connectorOf(context: TurnContext): ConnectorClient {
  const { adapter } = context
  return context.turnState.get<ConnectorClient>((adapter as CloudAdapter).ConnectorClientKey)
}

/** A new message in a channel begins a thread. */
async function newThread(context: TurnContext, thread: ThreadRef, activity: Partial<Activity>): Promise<string> {
  const { conversations } = connectorOf(context)
  const { tenantId = '' } = context.activity.conversation
  const channelData = { channel: { id: thread.channel }, tenant: { id: tenantId } }
  const made = await conversations.createConversation({
    isGroup: true,
    channelData,
    activity: activity as Activity,
    bot: context.activity.recipient,
    tenantId,
  })
  if (made.activityId === undefined) throw new ChatError('Teams gave no id for a message')
  return made.activityId
}

/** Seen by its recipient alone. Source: learn.microsoft.com, "Send and receive targeted messages in group conversations". */
async function targeted(serviceUrl: string, bearer: string, id: string, activity: Partial<Activity>): Promise<string> {
  // The SDK has no call for it.
  const path = `/v3/conversations/${encodeURIComponent(id)}/activities?isTargetedActivity=true`
  const answer = await fetch(`${serviceUrl.replace(/\/$/, '')}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(activity),
    signal: AbortSignal.timeout(patience),
    redirect: 'error',
  })
  if (!answer.ok) {
    const get = (name: string) => answer.headers.get(name) ?? undefined
    throw Object.assign(new Error('targeted message'), { statusCode: answer.status, response: { headers: { get } } })
  }
  return ((await answer.json()) as { id?: string }).id ?? ''
}

/** Calls once; every failure becomes a `ChatError` that says whether and when to try again. */
async function once<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw toChatError(error)
  }
}

async function insist<T>(request: () => Promise<T>): Promise<T> {
  for (let turn = 1, pause = firstPause; ; turn += 1, pause *= 2) {
    try {
      return await once(request)
    } catch (error) {
      if (!(error instanceof ChatError) || error.permanent || turn === tries) throw error
      const { retryAfterMs = pause * (0.5 + Math.random()) } = error
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
    }
  }
}

function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  const { statusCode, response, message } = error as {
    statusCode?: number
    message?: string
    response?: { headers?: { get: (name: string) => string | undefined } }
  }
  const what = `Teams: ${statusCode ?? ''} ${message ?? String(error)}`.slice(0, 300)
  if (statusCode === undefined || passing.has(statusCode)) {
    const seconds = Number(response?.headers?.get('retry-after'))
    return new ChatError(what, { ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}), cause: error })
  }
  return new ChatError(what, { permanent: true, cause: error })
}
