import { bucket } from '#test/fakes/slack/limits'
import { cardMistake } from './card.ts'
import type { TeamsMessage, TeamsState } from './state.ts'

export type Answer = { status: number; body?: object; headers?: Record<string, string> }
type Activity = {
  id?: string
  type?: string
  summary?: string
  recipient?: { id?: string }
  attachments?: { contentType?: string; content?: Record<string, unknown> }[]
}

/** Limit of a message's size as UTF-16, in bytes. Source: learn.microsoft.com, "Limits and specifications for Microsoft Teams". */
const maxMessageBytes = 100_000

const fail = (status: number, code: string): Answer => ({ status, body: { error: { code, message: code } } })

/** The Bot Connector's REST API, with Teams's limits: size, 7 messages per second and thread, cards that clients can show. */
export function connector(state: TeamsState) {
  const rateLimit = bucket(7, 7)
  let serial = 0

  const errorOf = (activity: Activity, conversation: string, body: string): Answer | undefined => {
    if (body.length * 2 > maxMessageBytes) return fail(413, 'MessageSizeTooBig')
    const [card] = activity.attachments ?? []
    if (activity.type !== 'message' || card?.contentType !== 'application/vnd.microsoft.card.adaptive')
      return fail(400, 'BadSyntax')
    const mistake = cardMistake(card.content)
    if (mistake !== undefined) return fail(400, mistake)
    const seconds = state.unhurried ? 0 : rateLimit(conversation)
    return seconds > 0 ? { ...fail(429, 'TooManyRequests'), headers: { 'retry-after': String(seconds) } } : undefined
  }

  const add = (id: string, activity: Activity, body: string, only: boolean): Answer => {
    const [conversation = '', thread] = id.split(';messageid=')
    if (!state.conversations.has(conversation)) return fail(403, 'BotNotInConversationRoster')
    const error = errorOf(activity, id, body)
    if (error !== undefined) return error
    if (only && state.conversations.get(conversation) === 'personal') return fail(400, 'BadSyntax')
    if (only && activity.recipient?.id === undefined) return fail(400, 'BadSyntax')
    serial += 1
    const message = String(1_700_000_000_000 + serial)
    const added: TeamsMessage = {
      id: message,
      conversation,
      ...(thread === undefined ? {} : { thread }),
      summary: activity.summary ?? '',
      card: activity.attachments?.[0]?.content ?? {},
      ...(only ? { only: activity.recipient?.id ?? '' } : {}),
      replies: [],
      edits: 0,
    }
    state.messages.push(added)
    state.messages.find((each) => each.id === thread && each.conversation === conversation)?.replies.push(added)
    return { status: 201, body: { id: message } }
  }

  const addDirect = (user: string, activity: Activity, body: string): Answer => {
    const id = `a:${user}`
    state.conversations.set(id, 'personal')
    const made = add(id, activity, body, false)
    return made.status >= 300 ? made : { status: 201, body: { id, activityId: (made.body as { id: string }).id } }
  }

  const edit = (id: string, message: string, activity: Activity, body: string): Answer => {
    const [conversation = ''] = id.split(';messageid=')
    const found = state.messages.find(
      (each) => each.id === message && each.conversation === conversation && each.only === undefined,
    )
    if (found === undefined) return fail(404, 'ActivityNotFoundInConversation')
    const error = errorOf(activity, id, body)
    if (error !== undefined) return error
    Object.assign(found, {
      card: activity.attachments?.[0]?.content ?? {},
      summary: activity.summary ?? '',
      edits: found.edits + 1,
    })
    return { status: 200, body: { id: message } }
  }

  return (method: string, path: string, query: URLSearchParams, body: string): Answer => {
    const activity = JSON.parse(body || '{}') as Activity & {
      activity?: Activity
      channelData?: { channel?: { id?: string } }
      members?: { id: string }[]
    }
    const [, id, message] = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? []
    if (method === 'POST' && path === '/v3/conversations') {
      const [member] = activity.members ?? []
      // A bot may write to a member of the tenant, for whom it is installed, before they write to it.
      if (member !== undefined) return addDirect(member.id, activity.activity ?? {}, body)
      const channel = activity.channelData?.channel?.id ?? ''
      const made = add(channel, activity.activity ?? {}, body, false)
      if (made.status >= 300) return made
      const { id: first } = made.body as { id: string }
      const root = state.messages.at(-1)
      if (root !== undefined) root.thread = first
      return { status: 201, body: { id: `${channel};messageid=${first}`, activityId: first } }
    }
    if (id === undefined) return fail(404, 'NotFound')
    const conversation = decodeURIComponent(id)
    if (method === 'PUT' && message !== undefined)
      return edit(conversation, decodeURIComponent(message), activity, body)
    if (method === 'POST') return add(conversation, activity, body, query.get('isTargetedActivity') === 'true')
    return fail(405, 'MethodNotAllowed')
  }
}
