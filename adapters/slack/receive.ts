// Bolt's parts, one by one: its index loads Express and what is for AWS Lambda too (2 MB).
import boltApp from '@slack/bolt/dist/App.js'
import boltHttp from '@slack/bolt/dist/receivers/HTTPReceiver.js'
import boltSocket from '@slack/bolt/dist/receivers/SocketModeReceiver.js'
import type { WebClient } from '@slack/web-api'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import type { ThreadRef } from '#core/messages/thread-ref'
import { plainText } from '#core/messages/view'
import type { AccountRef } from '#core/people/principal'
import type { InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import type { Mount } from '#src/http/server'
import { escapeText } from './blocks.ts'
import { call, slackLogger } from './call.ts'
import { runForm } from './form.ts'
import { listenToForms } from './forms.ts'
import { checkPayload, isReadable, MalformedPayload } from './payload.ts'

const { default: App } = boltApp
const { default: HTTPReceiver } = boltHttp
const { default: SocketModeReceiver } = boltSocket

export type ReceiveOptions = {
  botToken: string
  mode: 'http' | 'socket'
  signingSecret?: string
  appToken?: string
  apiUrl?: string
  mount: Mount
  /** Called with the address for an answer that only the asker sees, where one may be needed. */
  remember: (channel: string, responseUrl: string) => void
  client: WebClient
  /** Tells somebody what became of what they asked, where that can't be said in the acknowledgement. */
  tell: (thread: ThreadRef, notice: Message) => void
  log: Log
}

const presses = ['approve', 'approve-window', 'cancel', 'rerun', 'output', 'link', 'end'] as const

/** Where Slack sends everything: slash commands, events and button presses. */
const webhookPath = '/slack/events'

/** Maximum bytes of a request: a button's has the whole message that it stands in. */
const maxBodyBytes = 1_000_000

/** Starts receiving: Bolt verifies the signature (or holds the socket), acknowledges, and the command goes to the handlers. */
export async function receive(options: ReceiveOptions, inbox: InboundHandlers): Promise<() => Promise<void>> {
  const logger = slackLogger(options.log)
  const receiver = receiverOf(options)
  const app = new App({
    receiver,
    logger,
    ignoreSelf: false,
    // The token is ours alone; asking Slack about it at start would keep us from starting while Slack is away.
    authorize: async () => ({ botToken: options.botToken }),
    ...(options.apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: options.apiUrl } }),
  })
  app.error(async (error) => {
    options.log.error({ error: error.message }, 'Slack: what came could not be handled')
  })
  listenTo(app, options, inbox)
  // Bolt acknowledges events before it hands them to anybody; what they ask is accepted first.
  const process = app.processEvent.bind(app)
  app.processEvent = async (event) => {
    checkPayload(event.body)
    await heard(event.body, options, inbox)
    await process(event)
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

function receiverOf(options: ReceiveOptions) {
  const { mode, signingSecret, appToken, apiUrl, log } = options
  const logger = slackLogger(log)
  if (mode === 'socket') {
    if (appToken === undefined) throw new Error('Socket Mode needs SLACK_APP_TOKEN (xapp-…)')
    const clientOptions = apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } }
    return new SocketModeReceiver({
      ...{ appToken, logger, installerOptions: clientOptions },
      async processEventErrorHandler({ error }) {
        log.warn({ error: error.message }, 'Slack: what came could not be handled')
        // Acknowledged, as it would be as malformed the next time.
        return error instanceof MalformedPayload
      },
    })
  }
  if (signingSecret === undefined) throw new Error('the Slack door needs SLACK_SIGNING_SECRET')
  return new HTTPReceiver({
    ...{ signingSecret, endpoints: webhookPath, logger },
    async processEventErrorHandler({ error, response }) {
      const isMalformed = error instanceof MalformedPayload
      log.warn({ error: error.message }, 'Slack: what came could not be handled')
      if (!response.headersSent) response.writeHead(isMalformed ? 400 : 500).end()
      // Bolt takes this for an acknowledgement; otherwise it waits for one.
      return isMalformed
    },
  })
}

function listenTo(app: InstanceType<typeof App>, options: ReceiveOptions, inbox: InboundHandlers): void {
  const { remember } = options
  const accountOf = (team: string, user: string): AccountRef => ({ platform: 'slack', team, user })
  const at = () => new Date().toISOString()

  listenToForms(app, options, inbox)

  app.command(/.*/, async ({ ack, body }) => {
    if (body.text.trim() === '' && (await formOpened(options, body))) {
      await ack()
      return
    }
    remember(body.channel_id, body.response_url)
    const account = accountOf(body.team_id, body.user_id)
    const thread: ThreadRef = { platform: 'slack', team: body.team_id, channel: body.channel_id }
    const refused = await inbox.command({ account, text: body.text, thread, key: body.trigger_id, at: at() })
    // In the channel, so that everybody sees what was asked; Slack shows the words as they were typed.
    if (refused === undefined) await ack({ response_type: 'in_channel' })
    else await ack({ response_type: 'ephemeral', text: escapeText(plainText(renderMessage(refused))) })
  })

  app.action(new RegExp(`^(${presses.join('|')})$`), async ({ ack, body, action }) => {
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return ack()
    const team = body.team?.id ?? body.user.team_id ?? ''
    const channel = body.channel?.id ?? ''
    if (body.response_url !== undefined) remember(channel, body.response_url)
    const account = accountOf(team, body.user.id)
    // More of an output is posted in its thread; a rerun is a message of its own.
    const under: unknown = ['output', 'link'].includes(action.action_id) ? body.message?.ts : undefined
    const root: unknown = body.message?.['thread_ts'] ?? under
    const thread: ThreadRef = {
      platform: 'slack',
      team,
      channel,
      ...(typeof root === 'string' ? { thread: root } : {}),
    }
    const pressed = presses.find((each) => each === action.action_id)
    if (pressed === undefined) return ack()
    const press = { account, action: pressed, run: action.value ?? '', thread, key: action.action_ts, at: at() }
    const refused = await inbox.action(press)
    await ack()
    if (refused !== undefined) options.tell(thread, refused)
  })
}

/** What Slack sends of a message, as far as it matters. */
type MessageEvent = {
  type: string
  subtype?: string
  channel_type?: string
  user?: string
  bot_id?: string
  text?: string
}
type Spoken = MessageEvent & { channel: string; ts: string; thread_ts?: string }

/** Mentions, and words to the bot alone, which need none; edits, joins and what bots write are other subtypes. */
export function wordsTo(event: MessageEvent): string | undefined {
  if (event.type === 'app_mention') return (event.text ?? '').replace(/^\s*<@[^>]+>\s*/, '')
  const isOurs = event.type === 'message' && event.channel_type === 'im' && event.subtype === undefined
  return isOurs ? (event.text ?? '') : undefined
}

/** Accepts what an event asks, and tells where it was not accepted; other events are nothing to us. */
async function heard(body: Record<string, unknown>, { tell }: ReceiveOptions, inbox: InboundHandlers): Promise<void> {
  if (body['type'] !== 'event_callback') return
  const event = body['event'] as Spoken
  const text = wordsTo(event)
  if (text === undefined || event.user === undefined || event.bot_id !== undefined) return
  const team = String(body['team_id'])
  const account: AccountRef = { platform: 'slack', team, user: event.user }
  const thread: ThreadRef = { platform: 'slack', team, channel: event.channel, thread: event.thread_ts ?? event.ts }
  // The message's own time stamp is what stays when Slack delivers it again under another event's id.
  const refused = await inbox.command({ account, text, thread, key: event.ts, at: new Date().toISOString() })
  if (refused !== undefined) tell(thread, refused)
}

/** Milliseconds for opening the form: the command has to be acknowledged within three seconds. */
const formPatience = 2_000

/** `/retina` alone opens a form; where that fails, help answers it as words. */
async function formOpened(
  { client, log }: ReceiveOptions,
  { trigger_id, channel_id: channel }: { trigger_id: string; channel_id: string },
): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), formPatience).unref())
  const opened = call('views.open', () => client.views.open({ trigger_id, view: runForm({ channel }) })).then(
    () => true,
    (error: unknown) => {
      log.warn({ error: String(error) }, 'Slack: the form could not be opened')
      return false
    },
  )
  return Promise.race([opened, late])
}
