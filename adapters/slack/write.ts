import type { WebClient } from '@slack/web-api'
import type { Message } from '#core/messages/message'
import { noMessage } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { toMessage } from './blocks.ts'
import { call, retryCall, type SlackTiming } from './call.ts'
import { createChannelQueues } from './channel-queues.ts'
import { notInChannelText } from './not-in-channel.ts'
import { createRateBudget, type RateBudget } from './rate-budget.ts'

/** Milliseconds that a message waits for Slack's rate limit in a busy channel. */
const maxPostWaitMs = 120_000

/**
 * Creates the functions that post and edit messages within Slack's rate limits. `responseUrlOf`: response URL of the
 * latest request in a channel, if there is one.
 */
export function slackWriter(
  client: WebClient,
  responseUrlOf: (channel: string) => string | undefined,
  timing: SlackTiming,
): Pick<ChatAdapter, 'post' | 'postEphemeral' | 'edit' | 'attach'> {
  const budget = createRateBudget()
  const inChannelQueue = createChannelQueues()
  /**
   * Posts in the channel's order, with retries. If the bot may not post there, replies to the person by response URL.
   */
  const postInOrder = <T>(channel: string, method: string, request: () => Promise<T>): Promise<T> =>
    inChannelQueue(channel, () => retryCall(method, request, { ...timing, maxWaitMs: maxPostWaitMs })).catch(
      async (error) => {
        await replyNotInChannel(error, channel, responseUrlOf(channel))
        throw error
      },
    )
  return {
    async post(thread, message) {
      const { channel, thread: root } = thread
      const inThread = root === undefined ? {} : { thread_ts: root }
      const fields = { channel, ...inThread, ...toMessage(message), unfurl_links: false, unfurl_media: false }
      const posted = await postInOrder(channel, 'chat.postMessage', () => client.chat.postMessage(fields))
      if (posted.ts === undefined) throw new ChatError('chat.postMessage: Slack returned no timestamp')
      return {
        platform: 'slack',
        team: thread.team,
        channel: posted.channel ?? channel,
        message: posted.ts,
        ...(root === undefined ? {} : { thread: root }),
      }
    },
    async postEphemeral(thread, account, message) {
      const { channel, thread: root } = thread
      const inThread = root === undefined ? {} : { thread_ts: root }
      const fields = { channel, user: account.user, ...inThread, ...toMessage(message) }
      const posted = await postInOrder(channel, 'chat.postEphemeral', () => client.chat.postEphemeral(fields))
      return { ...noMessage(thread), message: posted.message_ts ?? '' }
    },
    async edit(ref, message) {
      await waitForBudget(budget, message)
      const { channel, message: ts } = ref
      await call('chat.update', () => client.chat.update({ channel, ts, ...toMessage(message) }))
    },
    async attach(ref, file) {
      const { channel, thread, message: ts } = ref
      const upload = { channel_id: channel, thread_ts: thread ?? ts, filename: file.name, title: file.title }
      const content =
        'text' in file ? { content: file.text } : { file: Buffer.from(file.png, 'base64'), alt_text: file.alt }
      await retryCall('files.upload', () => client.filesUploadV2({ ...upload, ...content }), timing)
    },
  }
}

/** Waits until a result may be shown; rejects with a `ChatError` for progress that has to be shown later. */
async function waitForBudget(budget: RateBudget, message: Message): Promise<void> {
  if (message.kind === 'starting' || message.kind === 'running' || (message.kind === 'queued' && message.progress)) {
    const delayMs = budget.progress()
    if (delayMs > 0) {
      throw new ChatError('the budget of edits of this workspace is used up for now', { retryAfterMs: delayMs })
    }
    return
  }
  for (let delayMs = budget.ending(); delayMs > 0; delayMs = budget.ending()) {
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }
}

/** Replies to the person by response URL that the bot may not post in the channel. */
async function replyNotInChannel(error: unknown, channel: string, responseUrl: string | undefined): Promise<void> {
  if (responseUrl === undefined || !(error instanceof ChatError) || !error.permanent) return
  const body = JSON.stringify({ response_type: 'ephemeral', text: notInChannelText(channel) })
  await fetch(responseUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
    () => undefined,
  )
}
