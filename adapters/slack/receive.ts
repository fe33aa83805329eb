import type { IncomingMessage, ServerResponse } from 'node:http'
import bolt from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Inbox, Log } from '#core/ports'
import type { AccountRef, ThreadRef } from '#core/request'
import { call, slackLogger } from './call.ts'
import { runForm } from './form.ts'
import { listenToForms } from './forms.ts'

export type ReceiveOptions = {
  botToken: string
  mode: 'http' | 'socket'
  signingSecret?: string
  appToken?: string
  apiUrl?: string
  mount: (path: string, listener: (request: IncomingMessage, response: ServerResponse) => void) => void
  /** Called with the address for an answer that only the asker sees, where one may be needed. */
  remember: (channel: string, responseUrl: string) => void
  client: WebClient
  log: Log
}

const presses = ['approve', 'approve-window', 'cancel', 'rerun', 'output', 'link', 'end'] as const

/** Where Slack sends everything: slash commands, events and button presses. */
const webhookPath = '/slack/events'

/** Opens the door: Bolt proves the signature (or holds the socket), acknowledges, and hands over what somebody asked. */
export async function receive(options: ReceiveOptions, inbox: Inbox): Promise<() => Promise<void>> {
  const logger = slackLogger(options.log)
  const receiver = receiverOf(options)
  const app = new bolt.App({
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
  if (receiver instanceof bolt.SocketModeReceiver) {
    await receiver.start()
    return async () => void (await receiver.stop())
  }
  options.mount(webhookPath, (request, response) => receiver.requestListener(request, response))
  return async () => undefined
}

function receiverOf(options: ReceiveOptions) {
  const { mode, signingSecret, appToken, apiUrl, log } = options
  const logger = slackLogger(log)
  if (mode === 'socket') {
    if (appToken === undefined) throw new Error('Socket Mode needs SLACK_APP_TOKEN (xapp-…)')
    const clientOptions = apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } }
    return new bolt.SocketModeReceiver({ appToken, logger, installerOptions: clientOptions })
  }
  if (signingSecret === undefined) throw new Error('the Slack door needs SLACK_SIGNING_SECRET')
  return new bolt.HTTPReceiver({ signingSecret, endpoints: webhookPath, logger })
}

function listenTo(app: InstanceType<typeof bolt.App>, options: ReceiveOptions, inbox: Inbox): void {
  const { remember } = options
  const accountOf = (team: string, user: string): AccountRef => ({ platform: 'slack', team, user })
  const at = () => new Date().toISOString()

  listenToForms(app, options, inbox)

  app.command(/.*/, async ({ ack, body }) => {
    if (body.text.trim() === '' && (await formOpened(options, body))) {
      await ack()
      return
    }
    // In the channel, so that everybody sees what was asked; Slack shows the words as they were typed.
    await ack({ response_type: 'in_channel' })
    remember(body.channel_id, body.response_url)
    const account = accountOf(body.team_id, body.user_id)
    const thread: ThreadRef = { platform: 'slack', team: body.team_id, channel: body.channel_id }
    await inbox.command({ account, text: body.text, thread, key: body.trigger_id, at: at() })
  })

  app.event('app_mention', async ({ event, body }) => {
    await heard(event, body.team_id, event.text.replace(/^\s*<@[^>]+>\s*/, ''))
  })

  app.event('message', async ({ event, body }) => {
    // Words to the bot alone need no mention. Edits, joins and what bots write are other subtypes.
    if (event.channel_type === 'im' && event.subtype === undefined) await heard(event, body.team_id, event.text ?? '')
  })

  const heard = async (
    event: { user?: string; bot_id?: string; channel: string; ts: string; thread_ts?: string },
    team: string,
    text: string,
  ) => {
    if (event.user === undefined || event.bot_id !== undefined) return
    const account = accountOf(team, event.user)
    const thread: ThreadRef = { platform: 'slack', team, channel: event.channel, thread: event.thread_ts ?? event.ts }
    // The message's own time stamp is what stays when Slack delivers it again under another event's id.
    await inbox.command({ account, text, thread, key: event.ts, at: at() })
  }

  app.action(new RegExp(`^(${presses.join('|')})$`), async ({ ack, body, action }) => {
    await ack()
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return
    const team = body.team?.id ?? body.user.team_id ?? ''
    const channel = body.channel?.id ?? ''
    if (body.response_url !== undefined) remember(channel, body.response_url)
    const account = accountOf(team, body.user.id)
    // More of an output hangs under its message; what runs anew stands for itself.
    const under: unknown = ['output', 'link'].includes(action.action_id) ? body.message?.ts : undefined
    const root: unknown = body.message?.['thread_ts'] ?? under
    const thread: ThreadRef = {
      platform: 'slack',
      team,
      channel,
      ...(typeof root === 'string' ? { thread: root } : {}),
    }
    const pressed = presses.find((each) => each === action.action_id)
    if (pressed === undefined) return
    await inbox.action({ account, action: pressed, run: action.value ?? '', thread, key: action.action_ts, at: at() })
  })
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
