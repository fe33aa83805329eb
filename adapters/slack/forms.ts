import type bolt from '@slack/bolt'
import type { PlainTextOption, View } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { InboundHandlers } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { quoteText } from '#core/util/quote'
import { cut, escapeText } from './blocks.ts'
import { call } from './call.ts'
import {
  commandOf,
  denyForm,
  type FormState,
  filterForm,
  homePage,
  rerunForm,
  runForm,
  type SlackLocation,
} from './form.ts'

type App = InstanceType<typeof bolt.App>
type Who = { team: string; user: string }

/** Options that a menu shows at the most. Source: docs.slack.dev, "Select menu element". */
const mostOptions = 100
/** Characters of an option's text. */
const longestOption = 75

/** What every handler of forms works with. */
type Desk = {
  client: WebClient
  ask: (who: Who, place: SlackLocation, text: string) => Promise<readonly Message[]>
  /** Resolves once the command is accepted, or the person is told that it isn't. */
  send: (who: Who, place: SlackLocation, text: string, key: string) => Promise<void>
  open: (trigger: string, view: View) => Promise<unknown>
}

/** Forms and the home page: what people fill in becomes the words that they could have typed. */
export function listenToForms(
  app: App,
  { client, log, tell }: { client: WebClient; log: Log; tell: (thread: ThreadRef, notice: Message) => void },
  inbox: InboundHandlers,
): void {
  const at = () => new Date().toISOString()
  const accountOf = ({ team, user }: Who): AccountRef => ({ platform: 'slack', team, user })
  const desk: Desk = {
    client,
    ask: (who, place, text) =>
      inbox.query({ account: accountOf(who), text, thread: threadOf(who, place), key: '', at: at() }),
    async send(who, place, text, key) {
      const thread = threadOf(who, place)
      const words = escapeText(text)
      const refused = await inbox.command({ account: accountOf(who), text: words, thread, key, at: at() })
      if (refused !== undefined) tell(thread, refused)
    },
    open: (trigger_id, view) =>
      call('views.open', () => client.views.open({ trigger_id, view })).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'Slack: a form could not be opened')
      }),
  }
  listenToButtons(app, desk)
  listenToMenus(app, desk)
  listenToViews(app, desk)
}

/** Buttons that want words, with the form that asks for them. */
const formsBehind = { filter: filterForm, deny: denyForm, 'rerun-with': rerunForm }

/** What opens a form, or changes one. */
function listenToButtons(app: App, { client, ask, open }: Desk): void {
  app.shortcut({ type: 'message_action', callback_id: 'debug' }, async ({ ack, body }) => {
    await ack()
    if (body.type !== 'message_action') return
    const root: unknown = body.message['thread_ts']
    const thread = typeof root === 'string' ? root : body.message_ts
    await open(body.trigger_id, runForm({ channel: body.channel.id, thread }))
  })

  app.action('begin', async ({ ack, body }) => {
    await ack()
    // Answers go to the person's own conversation with the bot.
    if (body.type === 'block_actions') await open(body.trigger_id, runForm({ channel: body.user.id }))
  })

  for (const [action, form] of Object.entries(formsBehind)) {
    app.action(action, async ({ ack, body, action: pressed }) => {
      await ack()
      if (body.type !== 'block_actions' || pressed.type !== 'button') return
      await open(body.trigger_id, form(placeOf(body), pressed.value ?? ''))
    })
  }

  app.action('check', async ({ ack, body }) => {
    await ack()
    const { view } = body.type === 'block_actions' ? body : {}
    if (view === undefined) return
    const place = metadata(view.private_metadata)
    const text = commandOf(view.state.values as FormState)
    const found: readonly Message[] = text === undefined ? [pickFirst] : await ask(whoOf(body), place, `can-i ${text}`)
    await call('views.update', () => client.views.update({ view_id: view.id, view: runForm(place, found) }))
  })
}

/** What menus offer while somebody types. */
function listenToMenus(app: App, { ask }: Desk): void {
  app.options('target', async ({ ack, body, payload }) => {
    const place = metadata(body.view?.private_metadata)
    const found = await targetsLike(payload.value, (text) => ask(whoOf(body), place, text))
    await ack({ options: found.slice(0, mostOptions).map(({ words, name }) => option(words, name)) })
  })

  app.options('tool', async ({ ack, body, payload }) => {
    const rows = rowsOf(await ask(whoOf(body), metadata(body.view?.private_metadata), 'tools'))
    const typed = payload.value.toLowerCase()
    const fitting = rows.filter(([name = '', about = '']) => `${name} ${about}`.toLowerCase().includes(typed))
    await ack({
      options: fitting.slice(0, mostOptions).map(([name = '', about = '']) => option(name, `${name}: ${about}`)),
    })
  })
}

/** Forms that were sent, and the home page. */
function listenToViews(app: App, { client, ask, send }: Desk): void {
  app.view('run', async ({ ack, body, view }) => {
    const text = commandOf(view.state.values as FormState)
    if (text !== undefined) await send(whoOf(body), metadata(view.private_metadata), text, view.id)
    await ack()
  })

  app.view('rerun', async ({ ack, body, view }) => {
    const text = view.state.values['command']?.['command']?.value ?? ''
    await send(whoOf(body), metadata(view.private_metadata), text, view.id)
    await ack()
  })

  app.view('deny', async ({ ack, body, view }) => {
    const place = metadata(view.private_metadata)
    const reason = quoteText(view.state.values['reason']?.['reason']?.value)
    await send(whoOf(body), place, `deny ${place.run ?? ''} ${reason}`.trim(), view.id)
    await ack()
  })

  app.view('filter', async ({ ack, body, view }) => {
    const place = metadata(view.private_metadata)
    const words = quoteText(view.state.values['words']?.['words']?.value)
    await send(whoOf(body), place, `output ${place.run ?? ''} --grep ${words}`, view.id)
    await ack()
  })

  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home') return
    const who = { team: body.team_id, user: event.user }
    const place = { channel: event.channel }
    const sections: Message[] = []
    for (const text of ['approvals', 'runs', 'whoami']) sections.push(...(await ask(who, place, text)))
    await call('views.publish', () => client.views.publish({ user_id: event.user, view: homePage(sections) }))
  })
}

const pickFirst: Message = { kind: 'misunderstood', typed: '', message: 'Choose a node or pod, and a tool.' }

function threadOf({ team }: Who, { channel, thread }: SlackLocation): ThreadRef {
  return { platform: 'slack', team, channel, ...(thread === undefined ? {} : { thread }) }
}

function whoOf(body: { team?: { id: string } | null; user: { id: string; team_id?: string } }): Who {
  return { team: body.team?.id ?? body.user.team_id ?? '', user: body.user.id }
}

function placeOf(body: {
  channel?: { id: string } | undefined
  message?: { thread_ts?: unknown; ts?: unknown } | undefined
}): SlackLocation {
  const { thread_ts, ts } = body.message ?? {}
  const thread = typeof thread_ts === 'string' ? thread_ts : ts
  return { channel: body.channel?.id ?? '', ...(typeof thread === 'string' ? { thread } : {}) }
}

/** What we have put into a form ourselves. */
function metadata(text: string | undefined): SlackLocation & { run?: string } {
  return JSON.parse(text === undefined || text === '' ? '{"channel":""}' : text) as SlackLocation & { run?: string }
}

/** The rows of a list that was asked for; none where the answer was no list. */
function rowsOf(notices: readonly Message[]): readonly (readonly string[])[] {
  return notices.flatMap((notice) => (notice.kind === 'listing' ? notice.rows : []))
}

/** Nodes whose name holds what was typed, or pods, where it has a slash: the words that name each, and what is shown. */
async function targetsLike(
  typed: string,
  ask: (text: string) => Promise<readonly Message[]>,
): Promise<{ words: string; name: string }[]> {
  const clean = typed.toLowerCase().replaceAll(/[^a-z0-9./-]/g, '')
  const [namespace = '', pod] = clean.split('/')
  if (pod === undefined) {
    const rows = rowsOf(await ask(`nodes *${clean}*`))
    return rows.map(([name = '', status = '']) => ({ words: `node/${name}`, name: `${name} (${status})` }))
  }
  const rows = rowsOf(await ask(`pods -n ${namespace || 'default'} *${pod}*`))
  return rows.map(([name = '', phase = '']) => ({
    words: `-n ${namespace} pod/${name}`,
    name: `${namespace}/${name} (${phase})`,
  }))
}

function option(value: string, text: string): PlainTextOption {
  return { value, text: { type: 'plain_text', text: cut(text, longestOption) } }
}
