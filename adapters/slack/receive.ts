// Imports Bolt's modules directly: its index also loads Express and the receiver for AWS Lambda (2 MB).
import boltApp from '@slack/bolt/dist/App.js'
import boltHttp from '@slack/bolt/dist/receivers/HTTPReceiver.js'
import boltSocket from '@slack/bolt/dist/receivers/SocketModeReceiver.js'
import type { WebClient } from '@slack/web-api'
import { EnvHttpProxyAgent } from 'undici'
import type { RefusalReply } from '#adapters/common/post-without-waiting'
import { renderMessage } from '#core/messages/render'
import type { ThreadRef } from '#core/messages/thread-ref'
import { plainText } from '#core/messages/view'
import type { AccountRef } from '#core/people/principal'
import type { InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { answersInThread, directActions } from '#core/runs/actions'
import { defined } from '#core/util/defined'
import { withTimeout } from '#core/util/timeout'
import type { Mount } from '#src/http/server'
import { escapeText } from './blocks.ts'
import { call, slackLogger } from './call.ts'
import { runForm } from './form.ts'
import { listenToForms } from './forms.ts'
import { checkPayload, isReadable, MalformedPayload, threadOfMessage } from './payload.ts'
import { textOfMessage } from './plain-text-of-message.ts'
import { typedText } from './typed-text.ts'

const { default: App } = boltApp
const { default: HTTPReceiver } = boltHttp
const { default: SocketModeReceiver } = boltSocket

export type ReceiveOptions = {
  botToken: string
  mode: 'http' | 'socket'
  signingSecret?: string
  appToken?: string
  apiUrl?: string
  /** Proxies, for Socket Mode, whose connection doesn't go by the program's settings; hosts of `noProxy` are reached directly. */
  proxy?: { https?: string; http?: string; noProxy: readonly string[] }
  mount: Mount
  /** Saves the response URL of a request, for a reply that only its sender sees. */
  saveResponseUrl: (channel: string, user: string, responseUrl: string) => void
  client: WebClient
  /** For what an acknowledgement can't carry. */
  reply: RefusalReply
  log: Log
}

/** Path to which Slack sends slash commands, events and interactions. */
const webhookPath = '/slack/events'

/** Maximum bytes of a request: a button's has the whole message that it stands in. */
const maxBodyBytes = 1_000_000

/**
 * Starts receiving: Bolt verifies signatures (or opens the socket) and acknowledges; commands go to the handlers.
 * Resolves with a function that stops it.
 */
export async function receive(options: ReceiveOptions, inbox: InboundHandlers): Promise<() => Promise<void>> {
  const logger = slackLogger(options.log)
  const receiver = receiverOf(options)
  const app = new App({
    receiver,
    logger,
    ignoreSelf: false,
    // There is only one token. Bolt would otherwise verify it with Slack at start, which fails while Slack is
    // unavailable.
    authorize: async () => ({ botToken: options.botToken }),
    ...(options.apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: options.apiUrl } }),
  })
  app.error(async (error) => {
    options.log.error({ error: error.message }, 'Slack: a request could not be handled')
  })
  listenTo(app, options, inbox)
  // Bolt acknowledges an event before it calls listeners, so the command of an event is accepted before Bolt gets the
  // event.
  const processEvent = app.processEvent.bind(app)
  app.processEvent = async (event) => {
    checkPayload(event.body)
    await acceptEvent(event.body, options, inbox)
    await processEvent(event)
  }
  if (receiver instanceof SocketModeReceiver) {
    await receiver.start()
    return async () => void (await receiver.stop())
  }
  options.mount(
    webhookPath,
    (request, response) => {
      if (isReadable(request.rawBody, request.headers['content-type'])) receiver.requestListener(request, response)
      else response.writeHead(400).end()
    },
    { methods: ['POST'], maxBodyBytes },
  )
  return async () => undefined
}

function proxyDispatcher({ https, http, noProxy }: NonNullable<ReceiveOptions['proxy']>): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    ...defined({ httpsProxy: https, httpProxy: http }),
    noProxy: noProxy.join(','),
    // A WebSocket has a connection of its own.
    allowH2: false,
  })
}

function receiverOf(options: ReceiveOptions) {
  const { mode, signingSecret, appToken, apiUrl, log } = options
  const logger = slackLogger(log)
  if (mode === 'socket') {
    if (appToken === undefined) throw new Error('Socket Mode needs SLACK_APP_TOKEN (xapp-…)')
    const clientOptions = apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } }
    return new SocketModeReceiver({
      ...{ appToken, logger, installerOptions: clientOptions },
      ...(options.proxy === undefined ? {} : { dispatcher: proxyDispatcher(options.proxy) }),
      async processEventErrorHandler({ error }) {
        log.warn({ error: error.message }, 'Slack: a request could not be handled')
        // Acknowledged, as it would be as malformed the next time.
        return error instanceof MalformedPayload
      },
    })
  }
  if (signingSecret === undefined) throw new Error('the Slack adapter needs SLACK_SIGNING_SECRET')
  return new HTTPReceiver({
    ...{ signingSecret, endpoints: webhookPath, logger },
    async processEventErrorHandler({ error, response }) {
      const isMalformed = error instanceof MalformedPayload
      log.warn({ error: error.message }, 'Slack: a request could not be handled')
      if (!response.headersSent) response.writeHead(isMalformed ? 400 : 500).end()
      // Bolt takes this for an acknowledgement; otherwise it waits for one.
      return isMalformed
    },
  })
}

function listenTo(app: InstanceType<typeof App>, options: ReceiveOptions, inbox: InboundHandlers): void {
  const { saveResponseUrl } = options
  const accountOf = (team: string, user: string): AccountRef => ({ platform: 'slack', team, user })
  const at = () => new Date().toISOString()

  listenToForms(app, options, inbox)

  app.command(/.*/, async ({ ack, body }) => {
    if (body.text.trim() === '' && (await openRunForm(options, body))) {
      await ack()
      return
    }
    saveResponseUrl(body.channel_id, body.user_id, body.response_url)
    const account = accountOf(body.team_id, body.user_id)
    const thread: ThreadRef = { platform: 'slack', team: body.team_id, channel: body.channel_id }
    const result = await inbox.command({ account, text: body.text, thread, key: body.trigger_id, at: at() })
    // The typed command isn't repeated in the channel: the message of its run says who runs what.
    if (result.ok) await ack()
    else await ack({ response_type: 'ephemeral', text: escapeText(plainText(renderMessage(result.refusal))) })
  })

  app.shortcut({ type: 'message_action', callback_id: 'triage' }, async ({ ack, body }) => {
    if (body.type !== 'message_action') return ack()
    const team = body.team?.id ?? body.user.team_id ?? ''
    const channel = body.channel.id
    // Where the bot isn't a member, it answers by this address.
    if (typeof body.response_url === 'string') saveResponseUrl(channel, body.user.id, body.response_url)
    const root: unknown = body.message['thread_ts']
    const thread = {
      platform: 'slack' as const,
      team,
      channel,
      thread: typeof root === 'string' ? root : body.message_ts,
    }
    const source = { kind: 'message' as const, text: textOfMessage(body.message) }
    const account = accountOf(team, body.user.id)
    const chosen = { account, thread, text: 'triage --message', source, key: body.trigger_id, at: at() }
    const result = await inbox.command(chosen)
    await ack()
    if (!result.ok) options.reply(thread, result.refusal)
  })

  app.action(new RegExp(`^(${directActions.join('|')})$`), async ({ ack, body, action }) => {
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return ack()
    const team = body.team?.id ?? body.user.team_id ?? ''
    const channel = body.channel?.id ?? ''
    if (body.response_url !== undefined) saveResponseUrl(channel, body.user.id, body.response_url)
    const account = accountOf(team, body.user.id)
    const pressed = directActions.find((each) => each === action.action_id)
    if (pressed === undefined) return ack()
    // Further output is posted in the message's thread; what is run again has a message of its own.
    const root = threadOfMessage(body.message, answersInThread(pressed))
    const thread: ThreadRef = { platform: 'slack', team, channel, ...defined({ thread: root }) }
    const press = { account, action: pressed, run: action.value ?? '', thread, key: action.action_ts, at: at() }
    const result = await inbox.action(press)
    await ack()
    if (!result.ok) options.reply(thread, result.refusal)
  })
}

/** Fields of Slack's message events that this adapter uses. */
type MessageEvent = {
  type: string
  subtype?: string
  channel_type?: string
  user?: string
  bot_id?: string
  app_id?: string
  text?: string
  edited?: object | null
}
type ReceivedMessage = MessageEvent & { channel: string; ts: string; thread_ts?: string }

/** Subtypes of messages that a person has just written; others report a change, a deletion, a join, a bot's message. */
const typedSubtypes: readonly (string | undefined)[] = [undefined, 'file_share', 'thread_broadcast']

/**
 * Returns the command of an event: the text of a mention or a direct message; undefined for others. Slack sends a mention again when its message is
 * edited: what was run can't be edited, so an edit is no command. `own`: the bot's user id.
 */
export function commandIn(event: MessageEvent, own?: string): string | undefined {
  const { type, subtype, channel_type: channelType, edited } = event
  if ((edited ?? undefined) !== undefined) return undefined
  const isDirect = type === 'message' && channelType === 'im' && typedSubtypes.includes(subtype)
  if (type !== 'app_mention' && !isDirect) return undefined
  const sent = event.text ?? ''
  // Of several installations of an app, Slack names any one: a mention then is that of another bot user of this app.
  const isOther = type === 'app_mention' && own !== undefined && !isMentioned(sent, own)
  const { text, isAddressed } = typedText(sent, isOther ? undefined : own)
  return isAddressed || (isDirect && text !== '') ? text : undefined
}

function isMentioned(text: string, user: string): boolean {
  return text.includes(`<@${user}>`) || text.includes(`<@${user}|`)
}

/** Accepts the command of an event; if it isn't accepted, replies why. Ignores other events. */
async function acceptEvent(
  body: Record<string, unknown>,
  { reply }: ReceiveOptions,
  inbox: InboundHandlers,
): Promise<void> {
  if (body['type'] !== 'event_callback') return
  const event = body['event'] as ReceivedMessage
  const heard = heardIn(event, body['api_app_id'])
  if (heard !== undefined) {
    const place: ThreadRef = {
      platform: 'slack',
      team: String(body['team_id']),
      channel: event.channel,
      thread: event.ts,
    }
    await inbox.heard?.({ thread: place, text: heard, at: instantOf(event.ts), key: event.ts })
    return
  }
  const text = commandIn(event, ownUser(body))
  if (text === undefined || event.user === undefined || event.bot_id !== undefined) return
  const team = String(body['team_id'])
  const account: AccountRef = { platform: 'slack', team, user: event.user }
  const thread: ThreadRef = { platform: 'slack', team, channel: event.channel, thread: event.thread_ts ?? event.ts }
  const opens = event.thread_ts === undefined ? { opensThread: true as const } : {}
  // Slack may redeliver a message with another event id; the message's timestamp is the same.
  const result = await inbox.command({ account, text, thread, ...opens, key: event.ts, at: new Date().toISOString() })
  if (!result.ok) reply(thread, result.refusal)
}

/** Returns the text of a message that another program has just posted in a channel, outside of threads; undefined for others. */
function heardIn(event: ReceivedMessage, ownApp: unknown): string | undefined {
  const { type, subtype, bot_id: bot, app_id: app, thread_ts: thread, channel_type: channelType } = event
  if (type !== 'message' || bot === undefined || channelType === 'im' || thread !== undefined) return undefined
  if (subtype !== undefined && subtype !== 'bot_message') return undefined
  if (app !== undefined && app === ownApp) return undefined
  const text = textOfMessage(event)
  return text === '' ? undefined : text
}

/** Returns the time of a message from its timestamp: seconds since 1970 with a fraction. */
function instantOf(ts: string): string {
  const seconds = Number(ts)
  return (Number.isFinite(seconds) ? new Date(seconds * 1_000) : new Date()).toISOString()
}

/** Returns the bot's user id, which every event carries. Source: docs.slack.dev, "Events API", `authorizations`. */
function ownUser(body: Record<string, unknown>): string | undefined {
  const authorizations = (body['authorizations'] ?? []) as { user_id?: string | null; is_bot?: boolean | null }[]
  return authorizations.find(({ is_bot: isBot }) => isBot === true)?.user_id ?? undefined
}

/** Milliseconds for opening the form: Slack requires the acknowledgement of the command within 3 seconds. */
const formTimeoutMs = 2_000

/** Opens the form for `/retina` without arguments. False on failure or timeout: the command then shows the help. */
async function openRunForm(
  { client, log }: ReceiveOptions,
  { trigger_id, channel_id: channel }: { trigger_id: string; channel_id: string },
): Promise<boolean> {
  const opened = call('views.open', () => client.views.open({ trigger_id, view: runForm({ channel }) })).then(
    () => true,
    (error: unknown) => {
      log.warn({ error: String(error) }, 'Slack: the form could not be opened')
      return false
    },
  )
  return (await withTimeout(formTimeoutMs, opened)) ?? false
}
