import { type Activity, CloudAdapter, type InvokeResponse, type TurnContext } from 'botbuilder'
import type { BotFrameworkAuthentication } from 'botframework-connector'
import type { RefusalReply } from '#adapters/common/post-without-waiting'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import type { ThreadRef } from '#core/messages/thread-ref'
import { plainText } from '#core/messages/view'
import type { AccountRef } from '#core/people/principal'
import type { InboundCommand, InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { directActions, formActions, type RunAction, runActions } from '#core/runs/actions'
import { poll } from '#core/util/retry'
import type { HttpListener, HttpRequest } from '#src/http/server'
import { parseActivity } from './activity.ts'
import { cardContentType } from './card-elements.ts'
import { toCard } from './cards.ts'
import { type ConversationStore, conversationOf } from './conversation-store.ts'
import { textDialog, textOfChosenMessage } from './message-action.ts'
import { isServiceUrl } from './service-url.ts'
import { typedText } from './typed-text.ts'

/** Path to which the Bot Framework sends all activities. */
export const webhookPath = '/teams/messages'

/** Maximum bytes of a request. Messages of Teams have at most some 100 kB. */
export const maxBodyBytes = 500_000

/** The SDK's adapter without its web server: exposes the verification and processing of an activity. */
class ActivityAdapter extends CloudAdapter {
  verifyAndProcess(authorization: string, activity: Activity, logic: (context: TurnContext) => Promise<void>) {
    return this.processActivity(authorization, activity, logic)
  }
}

type Options = {
  authentication: BotFrameworkAuthentication
  conversations: ConversationStore
  /** Hosts to which the bot's token may be sent. */
  serviceHosts: readonly string[]
  reply: RefusalReply
  log: Log
}

/**
 * Creates the handler of HTTP requests. The SDK verifies the sender first; a command is acknowledged as soon as it is
 * accepted.
 */
export function receiver(
  { authentication, conversations, serviceHosts, reply, log }: Options,
  inbox: InboundHandlers,
): HttpListener {
  const adapter = new ActivityAdapter(authentication)
  const isService = ({ serviceUrl }: Activity) => isServiceUrl(serviceUrl, serviceHosts)
  return async (request, response) => {
    const { status, body } = await processRequest(adapter, request, log, isService, (activity) =>
      handleActivity(activity, { conversations, reply, log }, inbox),
    )
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
}

type HttpReply = { status: number; body?: unknown }

async function processRequest(
  adapter: ActivityAdapter,
  request: HttpRequest,
  log: Log,
  isService: (activity: Activity) => boolean,
  work: (activity: Activity) => Promise<unknown>,
): Promise<HttpReply> {
  const activity = parseActivity(request.rawBody)
  // Other channels have other keys and rules; only Teams is served.
  if (activity === undefined || activity.channelId !== 'msteams') return { status: 400 }
  let verified = false
  let isRefused = false
  try {
    const reply: InvokeResponse | undefined = await adapter.verifyAndProcess(
      request.headers.authorization ?? '',
      activity,
      async (context) => {
        verified = true
        isRefused = !isService(context.activity)
        if (isRefused) return
        const value = await work(context.activity)
        if (value !== undefined)
          await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: value } })
      },
    )
    if (isRefused) {
      const { serviceUrl } = activity
      log.error(
        { serviceUrl },
        'Teams: a request was refused, because replies to its address are not allowed; see teams.serviceHosts',
      )
      return { status: 403 }
    }
    return reply === undefined ? { status: 200 } : { status: reply.status, body: reply.body }
  } catch (error) {
    // An error of the SDK before its callback means that the sender was not verified.
    if (verified) throw error
    log.warn({ error: String(error) }, 'Teams: a request without a valid signature of the Bot Framework was refused')
    return { status: 401 }
  }
}

/** Handles a verified activity; once its command is accepted, resolves with the body of the reply to an invoke. */
async function handleActivity(
  activity: Activity,
  { conversations, reply, log }: Omit<Options, 'authentication' | 'serviceHosts'>,
  inbox: InboundHandlers,
): Promise<unknown> {
  const { serviceUrl, type, ...thread } = conversationOf(activity)
  const user = activity.from?.aadObjectId
  // Bots and people of other clouds have no object id, so they can't be identified.
  if (user === undefined || user === '' || thread.team === '') return undefined
  const account: AccountRef = { platform: 'teams', team: thread.team, user: user.toLowerCase() }
  // Not awaited: Redis gets this write before the command's, so any process can reply to an accepted command.
  conversations.save(thread, { serviceUrl, type }).catch((error: unknown) => {
    log.warn({ error: String(error) }, 'Teams: a conversation could not be saved')
  })
  const at = new Date().toISOString()
  const inbound = { account, thread, key: activity.id ?? '', at }
  if (activity.type === 'message') {
    const text = commandIn(activity, type === 'personal')
    const opens = thread.thread !== undefined && thread.thread === activity.id ? { opensThread: true as const } : {}
    if (text === undefined) return undefined
    const result = await inbox.command({ ...inbound, ...opens, text })
    if (!result.ok) reply(thread, result.refusal)
    return undefined
  }
  if (activity.type !== 'invoke') return undefined
  const chosen = textOfChosenMessage(activity)
  if (chosen === undefined) return handlePress(activity, inbound, inbox)
  const source = { kind: 'message' as const, text: chosen }
  const result = await inbox.command({ ...inbound, text: 'triage --message', source })
  return textDialog(result.ok ? 'On its way.' : plainText(renderMessage(result.refusal)))
}

type Pressed = Omit<InboundCommand, 'text'>

/** Handles a pressed button, or a card that asks for its newest form; resolves with the body of the reply. */
async function handlePress(activity: Activity, inbound: Pressed, inbox: InboundHandlers): Promise<unknown> {
  if (activity.name !== 'adaptiveCard/action') return undefined
  const pressed = pressOf(activity.value)
  if (pressed === undefined) return toast(unknownButton)
  const { verb, data } = pressed
  if (verb === 'refresh') {
    const by = (activity.value as { trigger?: unknown }).trigger === 'automatic' ? 'client' : 'person'
    return refreshCard(data['run'] ?? '', by, (text) => inbox.query({ ...inbound, text }))
  }
  // A redelivered press has the same activity id.
  const text = commandOfForm(verb, data)
  const action = directActions.find((each) => each === verb)
  if (text === undefined && action === undefined) return toast(unknownButton)
  const pressedIn = { ...inbound, thread: threadOfPress(verb, inbound.thread, activity.replyToId) }
  const result =
    action === undefined
      ? await inbox.command({ ...pressedIn, text: text ?? '' })
      : await inbox.action({ ...pressedIn, action, run: data['run'] ?? '' })
  return toast(result.ok ? 'On its way.' : plainText(renderMessage(result.refusal)))
}

/** Returns the place of the answer: what is run again from a message that began its thread has a message of its own. */
function threadOfPress(verb: string, thread: ThreadRef, pressedMessage: string | undefined): ThreadRef {
  const { thread: root, ...channel } = thread
  const isAgain = Object.hasOwn(runActions, verb) && runActions[verb as RunAction].about === 'again'
  return isAgain && pressedMessage === root ? channel : thread
}

/** Events of messages that were written before. What was run can't be edited, so an edit is no command. */
const changes: readonly unknown[] = ['editMessage', 'undeleteMessage', 'softDeleteMessage']

/**
 * Returns the command of a message: in a personal chat, any text; elsewhere, the text of a message that mentions the bot, or that is meant for it
 * alone (an agent's slash command). With consent to read a channel (RSC), the bot gets all messages of it.
 */
function commandIn(activity: Activity, isPersonal: boolean): string | undefined {
  if (changes.includes((activity.channelData as { eventType?: unknown } | undefined)?.eventType)) return undefined
  const { text, isAddressed } = typedText(activity)
  const isTargeted = (activity.recipient as { isTargeted?: unknown } | undefined)?.isTargeted === true
  return isAddressed || ((isPersonal || isTargeted) && text !== '') ? text : undefined
}

type ButtonPress = { verb: string; data: Partial<Record<string, string>> }

function pressOf(value: unknown): ButtonPress | undefined {
  const action = (value as { action?: { verb?: unknown; data?: unknown } } | undefined)?.action
  if (typeof action?.verb !== 'string') return undefined
  const data = typeof action.data === 'object' && action.data !== null ? Object.entries(action.data) : []
  return {
    verb: action.verb,
    data: Object.fromEntries(data.filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  }
}

/** Returns the command for a filled text box; undefined for buttons without one. */
function commandOfForm(verb: string, data: ButtonPress['data']): string | undefined {
  const form = formActions.find(({ action }) => action === verb)?.form
  return form?.command(data['run'] ?? '', data[form.field] ?? '')
}

const unknownButton = "This button isn't supported."

/** Returns the reply to an invoke that Teams shows for a moment. */
function toast(value: string) {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value }
}

/** Delays between lookups of a request in ms: its card may be displayed before the request is stored. */
const lookupDelaysMs = [300, 1_000]

/**
 * Returns a request's card for this person, with buttons if they may decide it; the card of other people doesn't
 * change. `by`: who triggered the refresh.
 */
async function refreshCard(run: string, by: 'client' | 'person', query: (text: string) => Promise<readonly Message[]>) {
  const [message] = await poll(
    () => query(`show ${run}`),
    ([found], { attempt }) => (found?.kind === 'asking' ? undefined : lookupDelaysMs[attempt - 1]),
  )
  if (message?.kind === 'asking' && message.state === 'pending' && message.mayDecide) {
    return { statusCode: 200, type: cardContentType, value: toCard(message, true) }
  }
  return toast(by === 'client' ? '' : "You can't decide this request, or it has already been decided.")
}
