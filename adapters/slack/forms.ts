import type bolt from '@slack/bolt'
import type { PlainTextOption, View } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import type { RefusalReply } from '#adapters/common/post-without-waiting'
import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { formActions, runActions } from '#core/runs/actions'
import { cutText } from '#core/util/cut-text'
import { defined } from '#core/util/defined'
import { escapeText } from './blocks.ts'
import { call } from './call.ts'
import { actionForm, commandOf, type FormState, homePage, runForm, type SlackLocation } from './form.ts'
import { threadOfMessage } from './payload.ts'

type App = InstanceType<typeof bolt.App>
type Who = { team: string; user: string }

/** Largest number of options of a menu. Source: docs.slack.dev, "Select menu element". */
const maxOptions = 100
/** Largest number of characters of an option's text. */
const maxOptionChars = 75

/** Functions that all form handlers use. */
type FormContext = {
  client: WebClient
  query: (who: Who, location: SlackLocation, text: string) => Promise<readonly Message[]>
  /** Submits a command. Resolves once it is accepted; if it isn't, posts the reason to the person. */
  submit: (who: Who, location: SlackLocation, text: string, key: string) => Promise<void>
  open: (trigger: string, view: View) => Promise<unknown>
}

/** Registers the handlers of forms and the home page. A filled form becomes the command that could have been typed. */
export function listenToForms(
  app: App,
  { client, log, reply }: { client: WebClient; log: Log; reply: RefusalReply },
  inbox: InboundHandlers,
): void {
  const at = () => new Date().toISOString()
  const accountOf = ({ team, user }: Who): AccountRef => ({ platform: 'slack', team, user })
  const context: FormContext = {
    client,
    query: (who, location, text) =>
      inbox.query({ account: accountOf(who), text, thread: threadOf(who, location), key: '', at: at() }),
    async submit(who, location, text, key) {
      const thread = threadOf(who, location)
      const escaped = escapeText(text)
      const result = await inbox.command({ account: accountOf(who), text: escaped, thread, key, at: at() })
      if (!result.ok) reply(thread, result.refusal)
    },
    open: (trigger_id, view) =>
      call('views.open', () => client.views.open({ trigger_id, view })).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'Slack: a form could not be opened')
      }),
  }
  listenToButtons(app, context)
  listenToMenus(app, context)
  listenToViews(app, context)
}

/** Registers what opens or updates a form. */
function listenToButtons(app: App, { client, query, open }: FormContext): void {
  app.shortcut({ type: 'message_action', callback_id: 'debug' }, async ({ ack, body }) => {
    await ack()
    if (body.type !== 'message_action') return
    const root: unknown = body.message['thread_ts']
    const thread = typeof root === 'string' ? root : body.message_ts
    await open(body.trigger_id, runForm({ channel: body.channel.id, thread }))
  })

  app.action('begin', async ({ ack, body }) => {
    await ack()
    // Replies go to the person's direct messages with the bot.
    if (body.type === 'block_actions') await open(body.trigger_id, runForm({ channel: body.user.id }))
  })

  for (const { action, form } of formActions) {
    app.action(action, async ({ ack, body, action: pressed }) => {
      await ack()
      if (body.type !== 'block_actions' || pressed.type !== 'button') return
      // Lines of an output are posted under its message; what runs again has a message of its own.
      const location = locationOf(body, runActions[action].about === 'output')
      await open(body.trigger_id, actionForm(form, location, pressed.value ?? ''))
    })
  }

  app.action('check', async ({ ack, body }) => {
    await ack()
    const { view } = body.type === 'block_actions' ? body : {}
    if (view === undefined) return
    const location = metadata(view.private_metadata)
    const text = commandOf(view.state.values as FormState)
    const found: readonly Message[] =
      text === undefined ? [incompleteForm] : await query(whoOf(body), location, `can-i ${text}`)
    await call('views.update', () => client.views.update({ view_id: view.id, view: runForm(location, found) }))
  })
}

/** Registers the menus, which return options for the typed text. */
function listenToMenus(app: App, { query }: FormContext): void {
  app.options('target', async ({ ack, body, payload }) => {
    const location = metadata(body.view?.private_metadata)
    const found = await findTargets(payload.value, (text) => query(whoOf(body), location, text))
    await ack({ options: found.slice(0, maxOptions).map(({ argv, name }) => option(argv, name)) })
  })

  app.options('tool', async ({ ack, body, payload }) => {
    const rows = rowsOf(await query(whoOf(body), metadata(body.view?.private_metadata), 'tools'))
    const typed = payload.value.toLowerCase()
    const matching = rows.filter(([name = '', about = '']) => `${name} ${about}`.toLowerCase().includes(typed))
    await ack({
      options: matching.slice(0, maxOptions).map(([name = '', about = '']) => option(name, `${name}: ${about}`)),
    })
  })
}

/** Registers submitted forms and the home page. */
function listenToViews(app: App, { client, query, submit }: FormContext): void {
  app.view('run', async ({ ack, body, view }) => {
    const text = commandOf(view.state.values as FormState)
    if (text !== undefined) await submit(whoOf(body), metadata(view.private_metadata), text, view.id)
    await ack()
  })

  for (const { form } of formActions) {
    app.view(form.name, async ({ ack, body, view }) => {
      const location = metadata(view.private_metadata)
      const text = view.state.values[form.field]?.[form.field]?.value ?? ''
      await submit(whoOf(body), location, form.command(location.run ?? '', text), view.id)
      await ack()
    })
  }

  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home') return
    const who = { team: body.team_id, user: event.user }
    const location = { channel: event.channel }
    const sections: Message[] = []
    for (const text of ['approvals', 'runs', 'whoami']) sections.push(...(await query(who, location, text)))
    await call('views.publish', () => client.views.publish({ user_id: event.user, view: homePage(sections) }))
  })
}

const incompleteForm: Message = { kind: 'misunderstood', typed: '', message: 'Choose a node or pod, and a tool.' }

function threadOf({ team }: Who, { channel, thread }: SlackLocation): ThreadRef {
  return { platform: 'slack', team, channel, ...defined({ thread }) }
}

function whoOf(body: { team?: { id: string } | null; user: { id: string; team_id?: string } }): Who {
  return { team: body.team?.id ?? body.user.team_id ?? '', user: body.user.id }
}

function locationOf(
  body: {
    channel?: { id: string } | undefined
    message?: { thread_ts?: unknown; ts?: unknown } | undefined
  },
  under: boolean,
): SlackLocation {
  const thread = threadOfMessage(body.message, under)
  return { channel: body.channel?.id ?? '', ...defined({ thread }) }
}

/** Parses the metadata that this adapter has put into a form. */
function metadata(text: string | undefined): SlackLocation & { run?: string } {
  return JSON.parse(text === undefined || text === '' ? '{"channel":""}' : text) as SlackLocation & { run?: string }
}

/** Returns the rows of all listings among the messages. */
function rowsOf(messages: readonly Message[]): readonly (readonly string[])[] {
  return messages.flatMap((message) => (message.kind === 'listing' ? message.rows : []))
}

/**
 * Finds nodes whose name contains the typed text; pods, if it contains a slash. Returns the arguments that select each
 * target (`argv`) and the name to show.
 */
async function findTargets(
  typed: string,
  query: (text: string) => Promise<readonly Message[]>,
): Promise<{ argv: string; name: string }[]> {
  const clean = typed.toLowerCase().replaceAll(/[^a-z0-9./-]/g, '')
  const [namespace = '', pod] = clean.split('/')
  if (pod === undefined) {
    const rows = rowsOf(await query(`nodes *${clean}*`))
    return rows.map(([name = '', status = '']) => ({ argv: `node/${name}`, name: `${name} (${status})` }))
  }
  const rows = rowsOf(await query(`pods -n ${namespace || 'default'} *${pod}*`))
  return rows.map(([name = '', phase = '']) => ({
    argv: `-n ${namespace} pod/${name}`,
    name: `${namespace}/${name} (${phase})`,
  }))
}

function option(value: string, text: string): PlainTextOption {
  return { value, text: { type: 'plain_text', text: cutText(text, maxOptionChars) } }
}
