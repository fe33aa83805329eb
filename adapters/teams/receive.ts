import { type Activity, CloudAdapter, type InvokeResponse, type TurnContext } from 'botbuilder'
import type { BotFrameworkAuthentication } from 'botframework-connector'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import type { ThreadRef } from '#core/messages/thread-ref'
import { plainText } from '#core/messages/view'
import type { AccountRef } from '#core/people/principal'
import type { InboundAction, InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { quoteText } from '#core/util/quote'
import type { HttpListener, HttpRequest } from '#src/http/server'
import { parseActivity } from './activity.ts'
import { toCard } from './cards.ts'
import { type ConversationStore, placeOf } from './conversation-store.ts'

/** Where the Bot Framework sends everything. */
export const webhookPath = '/teams/messages'

/** Maximum bytes of a request: Teams' messages end at some 100 kB. */
export const maxBodyBytes = 500_000

const presses = ['approve', 'approve-window', 'cancel', 'rerun', 'output', 'link', 'end'] as const

/** The SDK's adapter, with what it proves and runs, without its web server. */
class Door extends CloudAdapter {
  take(authorization: string, activity: Activity, logic: (context: TurnContext) => Promise<void>) {
    return this.processActivity(authorization, activity, logic)
  }
}

type Options = {
  authentication: BotFrameworkAuthentication
  places: ConversationStore
  /** Tells somebody what became of what they asked. */
  tell: (thread: ThreadRef, notice: Message) => void
  log: Log
}

/** Takes requests: the SDK proves who sent them before anything is done; what people asked is acknowledged at once. */
export function receiver({ authentication, places, tell, log }: Options, inbox: InboundHandlers): HttpListener {
  const door = new Door(authentication)
  return async (request, response) => {
    const { status, body } = await take(door, request, log, (activity) => act(activity, { places, tell, log }, inbox))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
}

type Answer = { status: number; body?: unknown }

async function take(
  door: Door,
  request: HttpRequest,
  log: Log,
  work: (activity: Activity) => Promise<unknown>,
): Promise<Answer> {
  const activity = parseActivity(request.rawBody)
  // Keys and rules of other channels are another matter: none of them is served here.
  if (activity === undefined || activity.channelId !== 'msteams') return { status: 400 }
  let proven = false
  try {
    const answer: InvokeResponse | undefined = await door.take(
      request.headers.authorization ?? '',
      activity,
      async (context) => {
        proven = true
        const value = await work(context.activity)
        if (value !== undefined)
          await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: value } })
      },
    )
    return answer === undefined ? { status: 200 } : { status: answer.status, body: answer.body }
  } catch (error) {
    // Whatever the SDK stumbles over before it calls us, it has not proven who sent this.
    if (proven) throw error
    log.warn({ error: String(error) }, 'Teams: a request that the Bot Framework has not signed for us')
    return { status: 401 }
  }
}

/** Does what a proven activity asks; resolves with what an invoke is answered, once it is accepted. */
async function act(
  activity: Activity,
  { places, tell, log }: Omit<Options, 'authentication'>,
  inbox: InboundHandlers,
): Promise<unknown> {
  const { serviceUrl, type, ...thread } = placeOf(activity)
  const user = activity.from?.aadObjectId
  // Bots and people of other clouds have no object id: they are nobody we could know.
  if (user === undefined || user === '' || thread.team === '') return undefined
  const account: AccountRef = { platform: 'teams', team: thread.team, user: user.toLowerCase() }
  // Not waited for: it is written before what is asked, so what is accepted can be answered by any process.
  places.heard(thread, { serviceUrl, type }).catch((error: unknown) => {
    log.warn({ error: String(error) }, 'Teams: a conversation could not be remembered')
  })
  const at = new Date().toISOString()
  const inbound = { account, thread, key: activity.id ?? '', at }
  if (activity.type === 'message' && typeof activity.text === 'string') {
    const refused = await inbox.command({ ...inbound, text: withoutMention(activity) })
    if (refused !== undefined) tell(thread, refused)
    return undefined
  }
  if (activity.type !== 'invoke' || activity.name !== 'adaptiveCard/action') return undefined
  const pressed = pressOf(activity.value)
  if (pressed === undefined) return said('This button is not known here.')
  const { verb, data } = pressed
  if (verb === 'refresh') {
    const by = (activity.value as { trigger?: unknown }).trigger === 'automatic' ? 'client' : 'person'
    return refreshed(data['run'] ?? '', by, (text) => inbox.query({ ...inbound, text }))
  }
  // A press that is delivered again has the same activity id.
  const text = wordsFor(verb, data)
  const action: InboundAction['action'] | undefined = presses.find((each) => each === verb)
  if (text === undefined && action === undefined) return said('This button is not known here.')
  const refused =
    action === undefined
      ? await inbox.command({ ...inbound, text: text ?? '' })
      : await inbox.action({ ...inbound, action, run: data['run'] ?? '' })
  return said(refused === undefined ? 'On its way.' : plainText(renderMessage(refused)))
}

/** Maximum length of what is read of a message, and of kinds of mentions in it; a command is far shorter. */
const maxTextChars = 20_000
const maxMentions = 5

/** The text without the mention of the bot; other people's mentions stay as their names. */
export function withoutMention({
  text,
  recipient,
  entities,
}: Pick<Activity, 'text' | 'recipient' | 'entities'>): string {
  // The Bot Framework may send null for what isn't there.
  const own = (entities ?? []).filter(
    (entity) => entity.type === 'mention' && entity['mentioned']?.id === recipient?.id,
  )
  const mentions = [...new Set(own.map((entity) => String(entity['text'] ?? '')))].slice(0, maxMentions)
  const read = text.slice(0, maxTextChars)
  const without = mentions.reduce((rest, mention) => (mention === '' ? rest : rest.replaceAll(mention, ' ')), read)
  return without
    .replaceAll(/<at>([^<]*)<\/at>/g, '@$1')
    .replaceAll('\u00a0', ' ')
    .trim()
}

type Press = { verb: string; data: Partial<Record<string, string>> }

function pressOf(value: unknown): Press | undefined {
  const action = (value as { action?: { verb?: unknown; data?: unknown } } | undefined)?.action
  if (typeof action?.verb !== 'string') return undefined
  const data = typeof action.data === 'object' && action.data !== null ? Object.entries(action.data) : []
  return {
    verb: action.verb,
    data: Object.fromEntries(data.filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
  }
}

/** The words that a filled text box comes to. */
function wordsFor(
  verb: string,
  { run = '', reason = '', words = '', command = '' }: Press['data'],
): string | undefined {
  if (verb === 'deny') return `deny ${run} ${quoteText(reason)}`.trim()
  if (verb === 'filter') return `output ${run} --grep ${quoteText(words)}`
  return verb === 'rerun-with' ? command : undefined
}

function said(value: string) {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value }
}

/** Milliseconds between two looks for a request: its card may be seen before it is stored. */
const looks = [0, 300, 1_000]

/** A request as this person sees it: with buttons to decide it, if they may. Nothing changes for the others. */
async function refreshed(run: string, by: 'client' | 'person', ask: (text: string) => Promise<readonly Message[]>) {
  for (const pause of looks) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    const [notice] = await ask(`show ${run}`)
    if (notice?.kind !== 'asking') continue
    if (notice.state === 'pending' && notice.mayDecide) {
      return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: toCard(notice, true) }
    }
    break
  }
  return said(by === 'client' ? '' : 'This is not yours to decide, or it is decided already.')
}
