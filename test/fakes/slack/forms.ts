import { randomUUID } from 'node:crypto'
import type { FakeSlack } from './server.ts'
import type { SlackMessage, SlackView } from './state.ts'

type Sent = { status: number; body: string }
type Form = (fields: Record<string, string>) => Promise<Sent>
/** Values of a form's inputs, by block. */
export type Filled = Record<
  string,
  { value?: string; selected_option?: { value: string }; selected_options?: { value: string }[] }
>

/** Actions of users in forms and on their home page. */
export function formPeople(slack: FakeSlack, form: Form, trigger: (user: string) => string) {
  const send = (payload: object) =>
    form({ payload: JSON.stringify({ api_app_id: 'A1', team: { id: slack.state.team }, ...payload }) })
  const who = (user: string) => ({ id: user, team_id: slack.state.team })
  const viewOf = ({ id, view }: SlackView, filled: Filled) => {
    const values = Object.fromEntries(Object.entries(filled).map(([block, value]) => [block, { [block]: value }]))
    return { id, ...view, state: { values } }
  }
  return {
    submit: (user: string, open: SlackView, filled: Filled) =>
      send({ type: 'view_submission', user: who(user), view: viewOf(open, filled) }),
    /** Resolves with the options that a menu shows for a typed text. */
    async suggest(
      user: string,
      open: SlackView,
      menu: string,
      typed: string,
    ): Promise<{ text: string; value: string }[]> {
      const menuOf = { type: 'block_suggestion', action_id: menu, block_id: menu, value: typed }
      const { body } = await send({ ...menuOf, user: who(user), view: viewOf(open, {}) })
      const { options } = JSON.parse(body) as { options: { text: { text: string }; value: string }[] }
      return options.map(({ text, value }) => ({ text: text.text, value }))
    },
    pressInForm(user: string, open: SlackView, action: string, filled: Filled) {
      const actions = [{ type: 'button', action_id: action, block_id: action, action_ts: randomUUID() }]
      const container = { type: 'view', view_id: open.id }
      return send({
        type: 'block_actions',
        user: who(user),
        trigger_id: trigger(user),
        container,
        view: viewOf(open, filled),
        actions,
      })
    },
    shortcut: (user: string, message: SlackMessage) =>
      send({
        type: 'message_action',
        callback_id: 'debug',
        user: who(user),
        trigger_id: trigger(user),
        channel: { id: message.channel },
        message_ts: message.ts,
        message: { ts: message.ts, thread_ts: message.thread_ts, text: message.text },
        response_url: slack.responseUrl,
      }),
    /** Chooses "Triage this" in the menu of a message, which may be another program's. */
    triageThis: (user: string, message: { channel: string; ts: string } & Record<string, unknown>) =>
      send({
        type: 'message_action',
        callback_id: 'triage',
        user: who(user),
        trigger_id: trigger(user),
        channel: { id: message.channel, name: 'a-channel' },
        message_ts: message.ts,
        message: { type: 'message', ...message },
        response_url: slack.responseUrl,
      }),
    homeBody: (user: string) => ({
      type: 'event_callback',
      team_id: slack.state.team,
      api_app_id: 'A1',
      event_id: `Ev${randomUUID()}`,
      event_time: 1,
      event: { type: 'app_home_opened', user, channel: 'D0HOME', tab: 'home', event_ts: '1.1' },
    }),
  }
}
