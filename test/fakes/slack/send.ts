import { createHmac, randomUUID } from 'node:crypto'
import type { RunAction } from '#core/runs/actions'
import { processorClock } from '#test/fakes/processor-clock'
import { formPeople } from './forms.ts'
import type { FakeSlack } from './server.ts'
import { buttonsOf } from './shown.ts'
import type { SlackMessage } from './state.ts'

export type Sent = { status: number; body: string }

export type SignOptions = { secret?: string; timestamp?: number; signature?: string; headers?: Record<string, string> }

/**
 * Users of a workspace, who send commands and press buttons, by requests with Slack's signature (v0). Throws if a request isn't
 * acknowledged within `limitSeconds` of `processorClock`.
 */
export function slackPeople(slack: FakeSlack, webhook: () => string, limitSeconds = 3) {
  let serial = 1
  const trigger = (user: string): string => {
    const id = randomUUID()
    slack.state.triggers.set(id, { user, at: processorClock() })
    return id
  }

  const post = async (type: string, body: string, options: SignOptions = {}): Promise<Sent> => {
    const timestamp = String(options.timestamp ?? Math.floor(Date.now() / 1_000))
    const secret = options.secret ?? slack.state.signingSecret
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': options.signature ?? signature,
      ...options.headers,
    }
    const started = processorClock()
    const answer = await fetch(webhook(), { method: 'POST', headers, body })
    const seconds = (processorClock() - started) / 1_000
    if (seconds > limitSeconds) throw new Error(`Slack would have timed out: acknowledged after ${seconds} s`)
    return { status: answer.status, body: await answer.text() }
  }
  const form = (fields: Record<string, string>, options?: SignOptions) =>
    post('application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), options)

  return {
    /** Returns the fields of a slash command's body, with `&`, `<` and `>` as entities, as Slack sends them. */
    commandFields: (user: string, text: string, channel = 'C0INCIDENT', triggerId: string = trigger(user)) => ({
      command: '/retina',
      text: entities(text),
      user_id: user,
      user_name: user.toLowerCase(),
      team_id: slack.state.users.get(user)?.team_id ?? slack.state.team,
      channel_id: channel,
      channel_name: 'incident',
      trigger_id: triggerId,
      response_url: slack.responseUrl,
      api_app_id: 'A1',
    }),
    form,
    post,
    command(user: string, text: string, channel?: string): Promise<Sent> {
      return form(this.commandFields(user, text, channel))
    },
    /** Returns the body of an event of a mention. */
    mentionBody: (user: string, text: string, change: { ts?: string; event_id?: string; thread_ts?: string } = {}) => {
      serial += 1
      const ts = change.ts ?? `${Math.floor(Date.now() / 1_000)}.9${String(serial).padStart(5, '0')}`
      const thread = change.thread_ts === undefined ? {} : { thread_ts: change.thread_ts }
      const event = {
        type: 'app_mention',
        user,
        text: `<@U0RETINA> ${entities(text)}`,
        channel: 'C0INCIDENT',
        ts,
        event_ts: ts,
        ...thread,
      }
      const event_id = change.event_id ?? `Ev${randomUUID()}`
      const { team } = slack.state
      const own = {
        enterprise_id: null,
        team_id: team,
        user_id: 'U0RETINA',
        is_bot: true,
        is_enterprise_install: false,
      }
      const envelope = { team_id: team, api_app_id: 'A1', authorizations: [own] }
      return { type: 'event_callback', ...envelope, event, event_id, event_time: 1 }
    },
    event: (body: object, options?: SignOptions) => post('application/json', JSON.stringify(body), options),
    press(
      user: string,
      action: Exclude<RunAction, 'show'>,
      message: SlackMessage,
      action_ts = String(Date.now() / 1_000),
    ) {
      const pressed = [...message.replies.toReversed(), message].find(
        ({ blocks }) => buttonsOf({ blocks })[action] !== undefined,
      )
      if (pressed === undefined) throw new Error(`the message has no button "${action}"`)
      const value = buttonsOf({ blocks: pressed.blocks })[action]
      // Slack sends a message with replies with its own id as that of its thread.
      const thread_ts = pressed.thread_ts ?? (pressed.replies.length === 0 ? undefined : pressed.ts)
      const payload = {
        type: 'block_actions',
        api_app_id: 'A1',
        team: { id: slack.state.team },
        user: { id: user, team_id: slack.state.team },
        channel: { id: pressed.channel },
        message: { ts: pressed.ts, thread_ts },
        container: { type: 'message', message_ts: pressed.ts, channel_id: pressed.channel },
        response_url: slack.responseUrl,
        trigger_id: trigger(user),
        actions: [{ type: 'button', action_id: action, block_id: 'b1', value, action_ts }],
      }
      return form({ payload: JSON.stringify(payload) })
    },
    ...formPeople(slack, form, trigger),
  }
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
