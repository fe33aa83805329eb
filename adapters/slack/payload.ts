import { parse as parseForm } from 'node:querystring'
import { z } from 'zod'
import { isRecord, parseJson } from '#core/util/json'

// Shapes of what Slack sends, as far as this adapter reads it; everything else in a payload is left alone. A signature proves who sent a request, not
// that its content is whole. Source: docs.slack.dev, "Interaction payloads", "Slash commands", "Events API".

/** Content that is none of the shapes that Slack sends: it is answered with 400, and not worth a stack trace. */
export class MalformedPayload extends Error {}

const text = z.string()
const withId = z.looseObject({ id: text })
const team = withId.nullish()
const user = z.looseObject({ id: text, team_id: text.optional() })
const option = z.looseObject({ value: text })

const values = z.record(
  text,
  z.record(
    text,
    z.looseObject({
      value: text.nullish(),
      selected_option: option.nullish(),
      selected_options: z.array(option).nullish(),
    }),
  ),
)

const metadata = text.refine((json) => json === '' || isPlace(parseJson(json)), 'is not ours')

const view = z.looseObject({
  id: text,
  callback_id: text.optional(),
  private_metadata: metadata.optional(),
  state: z.looseObject({ values }).optional(),
})

const command = z.looseObject({
  command: text,
  text,
  user_id: text,
  team_id: text,
  channel_id: text,
  trigger_id: text,
  response_url: text.optional(),
})

const action = z.looseObject({
  type: text,
  action_id: text.optional(),
  value: text.optional(),
  action_ts: text.optional(),
})

/** Payloads of forms and buttons, by their `type`. */
const interactions: Readonly<Record<string, z.ZodType>> = {
  block_actions: z.looseObject({
    team,
    user,
    channel: withId.nullish(),
    message: z.looseObject({}).nullish(),
    view: view.nullish(),
    trigger_id: text.optional(),
    response_url: text.optional(),
    actions: z.array(action.extend({ action_id: text })).min(1),
  }),
  view_submission: z.looseObject({
    team,
    user,
    view: view.extend({ callback_id: text, state: z.looseObject({ values }) }),
  }),
  view_closed: z.looseObject({ team, user, view }),
  block_suggestion: z.looseObject({ team, user, value: text, view: view.nullish() }),
  message_action: z.looseObject({
    team,
    user,
    channel: withId,
    message: z.looseObject({}),
    message_ts: text,
    trigger_id: text,
    callback_id: text,
    response_url: text.optional(),
  }),
  shortcut: z.looseObject({ team, user, trigger_id: text, callback_id: text }),
}

const place = z.union([text, withId])
const event = z.looseObject({ type: text, channel: place.optional(), item: z.looseObject({}).optional() })
const message = event.extend({
  channel: text,
  ts: text,
  user: text.optional(),
  text: text.optional(),
  thread_ts: text.optional(),
  bot_id: text.optional(),
  app_id: text.optional(),
  edited: z.looseObject({}).nullish(),
})

/** Events that are listened to, by their `type`. */
const events: Readonly<Record<string, z.ZodType>> = {
  app_mention: message,
  message,
  app_home_opened: event.extend({ user: text, channel: text, tab: text.optional() }),
}

const envelope = z.looseObject({
  team_id: text,
  authorizations: z.array(z.looseObject({ user_id: text.nullish(), is_bot: z.boolean().nullish() })).nullish(),
  event,
})

/** Throws `MalformedPayload` for a body that none of Slack's requests has. */
export function checkPayload(body: unknown): void {
  if (!isSound(body)) throw new MalformedPayload('Slack: a payload of no known shape')
}

function isSound(body: unknown): boolean {
  if (!isRecord(body)) return false
  const { type } = body
  if (type === 'url_verification' || type === 'app_rate_limited' || body['ssl_check'] !== undefined) return true
  if (type === 'event_callback') {
    const parsed = envelope.safeParse(body)
    return parsed.success && (events[parsed.data.event.type] ?? event).safeParse(parsed.data.event).success
  }
  if (typeof type === 'string' && Object.hasOwn(interactions, type))
    return interactions[type]?.safeParse(body).success === true
  return type === undefined && command.safeParse(body).success
}

/** Returns true for a request's body that is JSON, or a form with JSON in it, and an object; Bolt stumbles over others. */
export function isReadable(bytes: Buffer, contentType: string | undefined): boolean {
  const body = bytes.toString()
  if (contentType !== 'application/x-www-form-urlencoded') return isRecord(parseJson(body))
  const { payload } = parseForm(body)
  return typeof payload === 'string' ? isRecord(parseJson(payload)) : payload === undefined
}

function isPlace(value: unknown): boolean {
  return isRecord(value) && typeof value['channel'] === 'string'
}

/**
 * Returns the thread that a message is in; with `under`, the one that replies to a message outside of threads would be
 * in. A message with replies has a `thread_ts` too: its own.
 */
export function threadOfMessage(
  message: { thread_ts?: unknown; ts?: unknown } | null | undefined,
  under: boolean,
): string | undefined {
  const { thread_ts: thread, ts } = message ?? {}
  const root = under || thread !== ts ? (thread ?? (under ? ts : undefined)) : undefined
  return typeof root === 'string' ? root : undefined
}
