import { bucket, messageError } from './limits.ts'
import type { SlackMessage, SlackState } from './state.ts'
import { slackViews } from './views.ts'

type Args = Record<string, string>
type Answer = Record<string, unknown>

/** Answer to a call of the Web API; `retryAfter` (seconds) if it exceeds a rate limit. */
export type ApiAnswer = { body: Answer } | { retryAfter: number }

/** Slack's Web API for a workspace, with its rate limits: one message per second and channel, updates by tier 3. */
export function slackApi(state: SlackState, address: () => string) {
  const posts = bucket(5, 1)
  const updates = bucket(60, 50 / 60)
  const uploads = new Map<string, { name: string; content: string; alt: string }>()
  const views = slackViews(state)
  let serial = 0

  const fail = (error: string): ApiAnswer => ({ body: { ok: false, error } })
  const ok = (body: Answer = {}): ApiAnswer => ({ body: { ok: true, ...body } })

  const channelError = (id: string): string | undefined => {
    const channel = state.channels.get(id)
    // A user's id stands for the direct messages with that user. Source: docs.slack.dev, "chat.postMessage".
    if (state.users.has(id)) return undefined
    if (channel === undefined) return 'channel_not_found'
    if (channel.archived) return 'is_archived'
    return channel.member ? undefined : 'not_in_channel'
  }

  /** Returns the direct conversation of a user with the app, where a user's id is given. */
  const directOf = (channel: string): string => {
    if (!state.users.has(channel)) return channel
    const direct = channel.replace(/^U/, 'D')
    state.channels.set(direct, { member: true, archived: false })
    return direct
  }

  const newMessage = (args: Args): SlackMessage => {
    serial += 1
    const ts = `${Math.floor(Date.now() / 1_000)}.${String(serial).padStart(6, '0')}`
    const thread = args['thread_ts'] === undefined ? {} : { thread_ts: args['thread_ts'] }
    const blocks = blocksOf(args) ?? []
    const channel = args['channel'] ?? ''
    return { ts, channel, ...thread, text: args['text'] ?? '', blocks, replies: [], edits: 0, at: Date.now() }
  }

  const addMessage = (message: SlackMessage) => {
    state.messages.push(message)
    const root = state.messages.find(({ ts, channel }) => ts === message.thread_ts && channel === message.channel)
    root?.replies.push(message)
  }

  const methods: Record<string, (args: Args) => ApiAnswer> = {
    'auth.test': () => {
      const enterprise = state.enterprise === undefined ? {} : { enterprise_id: state.enterprise }
      return ok({ team_id: state.team, ...enterprise, user_id: 'U0RETINA', bot_id: 'B0RETINA' })
    },
    'users.info': ({ user = '' }) => {
      const found = state.users.get(user)
      return found === undefined ? fail('user_not_found') : ok({ user: found })
    },
    'usergroups.list': () => ok({ usergroups: [...state.usergroups].map(([id, users]) => ({ id, users })) }),
    'chat.postMessage': (given) => {
      const args: Args = { ...given, channel: directOf(given['channel'] ?? '') }
      const { channel = '' } = args
      const error = channelError(channel) ?? messageError(args['text'], blocksOf(args))
      if (error !== undefined) return fail(error)
      const retryAfter = state.unhurried ? 0 : posts(channel)
      if (retryAfter > 0) return { retryAfter }
      const message = newMessage(args)
      addMessage(message)
      return ok({ channel, ts: message.ts, message: { ...message, replies: undefined } })
    },
    'chat.postEphemeral': (args) => {
      const { channel = '', user = '' } = args
      const error = channelError(channel) ?? messageError(args['text'], blocksOf(args))
      if (error !== undefined) return fail(error)
      if (!state.users.has(user)) return fail('user_not_in_channel')
      const message = { ...newMessage(args), only: user }
      addMessage(message)
      return ok({ message_ts: message.ts })
    },
    'chat.update': (args) => {
      const { channel = '', ts = '' } = args
      const message = state.messages.find(
        (each) => each.ts === ts && each.channel === channel && each.only === undefined,
      )
      if (message === undefined) return fail('message_not_found')
      if (state.channels.get(channel)?.archived === true) return fail('is_inactive')
      const error = messageError(args['text'], blocksOf(args))
      if (error !== undefined) return fail(error)
      const retryAfter = state.unhurried ? 0 : updates('workspace')
      if (retryAfter > 0) return { retryAfter }
      Object.assign(message, {
        text: args['text'],
        blocks: blocksOf(args) ?? [],
        edits: message.edits + 1,
        at: Date.now(),
      })
      return ok({ channel, ts })
    },
    'files.getUploadURLExternal': ({ filename = '', length = '', alt_text = '' }) => {
      if (filename === '' || !(Number(length) > 0)) return fail('invalid_arguments')
      serial += 1
      const id = `F${serial}`
      uploads.set(id, { name: filename, content: '', alt: alt_text })
      return ok({ file_id: id, upload_url: `${address()}/upload/${id}` })
    },
    'files.completeUploadExternal': (args) => {
      const files = JSON.parse(args['files'] ?? '[]') as { id: string; title?: string }[]
      const error = channelError(args['channel_id'] ?? '')
      if (error !== undefined) return fail(error)
      for (const { id, title = '' } of files) {
        const upload = uploads.get(id)
        if (upload === undefined) return fail('file_not_found')
        const thread = { channel: args['channel_id'] ?? '', thread_ts: args['thread_ts'] ?? '' }
        state.files.push({ id, title, ...thread, ...upload })
      }
      return ok({ files: files.map(({ id }) => ({ id })) })
    },
  }

  return {
    call(method: string, token: string, args: Args): ApiAnswer {
      if (token !== state.botToken) return fail('invalid_auth')
      const view = Object.entries(views).find(([name]) => name === method)?.[1]
      if (view !== undefined) return { body: view(args) }
      return methods[method]?.(args) ?? fail('unknown_method')
    },
    upload(id: string, content: string): boolean {
      const upload = uploads.get(id)
      if (upload === undefined) return false
      upload.content = content
      return true
    },
  }
}

function blocksOf(args: Args): Record<string, unknown>[] | undefined {
  return args['blocks'] === undefined ? undefined : (JSON.parse(args['blocks']) as Record<string, unknown>[])
}
