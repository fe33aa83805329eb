import type { WebClient } from '@slack/web-api'
import type { Message } from '#core/messages/message'
import { noMessage } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { toMessage } from './blocks.ts'
import { call, retryCall, type SlackTiming } from './call.ts'
import { createChannelQueues } from './channel-queues.ts'
import { createRateBudget } from './rate-budget.ts'

/** Milliseconds that a message waits for its turn in a busy channel. */
const longestLine = 120_000

/** Writing to Slack, at the pace that it takes. `answerTo`: an address for one person of a channel, where we know one. */
export function slackWriter(
  client: WebClient,
  answerTo: (channel: string) => string | undefined,
  timing: SlackTiming,
): Pick<ChatAdapter, 'post' | 'postEphemeral' | 'edit' | 'attach'> {
  const pace = createRateBudget()
  const inLine = createChannelQueues()
  /** Posts in the channel's order, with retries; where the bot may not write, replies to the person by response URL. */
  const said = <T>(channel: string, method: string, request: () => Promise<T>): Promise<T> =>
    inLine(channel, () => retryCall(method, request, { ...timing, slowest: longestLine })).catch(async (error) => {
      await inviteUs(error, answerTo(channel))
      throw error
    })
  return {
    async post(thread, notice) {
      const { channel, thread: root } = thread
      const under = root === undefined ? {} : { thread_ts: root }
      const message = { channel, ...under, ...toMessage(notice), unfurl_links: false, unfurl_media: false }
      const posted = await said(channel, 'chat.postMessage', () => client.chat.postMessage(message))
      if (posted.ts === undefined) throw new ChatError('chat.postMessage: Slack gave no time stamp')
      return {
        platform: 'slack',
        team: thread.team,
        channel: posted.channel ?? channel,
        message: posted.ts,
        ...(root === undefined ? {} : { thread: root }),
      }
    },
    async postEphemeral(thread, account, notice) {
      const { channel, thread: root } = thread
      const under = root === undefined ? {} : { thread_ts: root }
      const message = { channel, user: account.user, ...under, ...toMessage(notice) }
      const whispered = await said(channel, 'chat.postEphemeral', () => client.chat.postEphemeral(message))
      return { ...noMessage(thread), message: whispered.message_ts ?? '' }
    },
    async edit(message, notice) {
      await waitForTurn(pace, notice)
      const { channel, message: ts } = message
      await call('chat.update', () => client.chat.update({ channel, ts, ...toMessage(notice) }))
    },
    async attach(message, file) {
      const { channel, thread, message: ts } = message
      const upload = { channel_id: channel, thread_ts: thread ?? ts, filename: file.name, title: file.title }
      const content =
        'text' in file ? { content: file.text } : { file: Buffer.from(file.png, 'base64'), alt_text: file.alt }
      await retryCall('files.upload', () => client.filesUploadV2({ ...upload, ...content }), timing)
    },
  }
}

async function waitForTurn(pace: ReturnType<typeof createRateBudget>, notice: Message): Promise<void> {
  if (notice.kind === 'starting' || notice.kind === 'running' || (notice.kind === 'queued' && notice.progress)) {
    const wait = pace.progress()
    if (wait > 0) throw new ChatError('many runs share this workspace: shown a little later', { retryAfterMs: wait })
    return
  }
  for (let wait = pace.ending(); wait > 0; wait = pace.ending()) {
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/** Tells the person by response URL that the bot may not write in the channel. */
async function inviteUs(error: unknown, responseUrl: string | undefined): Promise<void> {
  if (responseUrl === undefined || !(error instanceof ChatError) || !error.permanent) return
  const text = "I can't write in this channel, so nothing was run. Invite me with `/invite @retina`, then ask again."
  const body = JSON.stringify({ response_type: 'ephemeral', text })
  await fetch(responseUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
    () => undefined,
  )
}
