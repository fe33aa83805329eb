import type { WebClient } from '@slack/web-api'
import type { Message } from '#core/messages/message'
import { noMessage } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { defined } from '#core/util/defined'
import { toMessage } from './blocks.ts'
import { call, isOf, retryCall, type SlackTiming } from './call.ts'
import { createChannelQueues } from './channel-queues.ts'
import { createRateBudget, type RateBudget } from './rate-budget.ts'
import { hasTable } from './table-block.ts'

/** Milliseconds that a reply by response URL may take. */
const responseTimeoutMs = 5_000

/** Milliseconds that a message waits for Slack's rate limit in a busy channel. */
const maxPostWaitMs = 120_000

/** Kinds of messages that have to last: nobody shows them again. */
const resultKinds: ReadonlySet<Message['kind']> = new Set(['ended', 'fan-out', 'triage', 'decided'])

/**
 * Creates the functions that post and edit messages within Slack's rate limits. `responseUrlOf`: response URL of a
 * person's latest request in a channel, if there is one.
 */
export function slackWriter(
  client: WebClient,
  responseUrlOf: (channel: string, user: string) => string | undefined,
  timing: SlackTiming,
): Pick<ChatAdapter, 'conversation' | 'post' | 'postEphemeral' | 'postDirect' | 'edit' | 'attach'> {
  const budget = createRateBudget()
  const inChannelQueue = createChannelQueues()
  /** Posts in the channel's order, with retries. */
  const postInOrder = <T>(channel: string, method: string, request: () => Promise<T>): Promise<T> =>
    inChannelQueue(channel, () => retryCall(method, request, { ...timing, maxWaitMs: maxPostWaitMs, channel }))
  /** False once Slack refused a message with a table that it took without. */
  let takesTables = true
  /** Makes a request with a message; where Slack refuses its blocks, again without a table. */
  const withBlocks = async <T>(message: Message, request: (shown: ReturnType<typeof toMessage>) => Promise<T>) => {
    const shown = toMessage(message, { tables: takesTables })
    try {
      return await request(shown)
    } catch (error) {
      if (!isOf(error, 'invalid_blocks') || !hasTable(shown.blocks)) throw error
      const answer = await request(toMessage(message, { tables: false }))
      takesTables = false
      return answer
    }
  }
  return {
    conversation: async ({ channel }) => (isDirect(channel) ? 'direct' : 'channel'),
    async post(thread, message) {
      const { channel, thread: root } = thread
      const inThread = defined({ thread_ts: root })
      const fields = { channel, ...inThread, unfurl_links: false, unfurl_media: false }
      const posted = await withBlocks(message, (shown) =>
        postInOrder(channel, 'chat.postMessage', () => client.chat.postMessage({ ...fields, ...shown })),
      )
      if (posted.ts === undefined) throw new ChatError('chat.postMessage: Slack returned no timestamp')
      return {
        platform: 'slack',
        team: thread.team,
        channel: posted.channel ?? channel,
        message: posted.ts,
        ...defined({ thread: root }),
      }
    },
    async postEphemeral(thread, account, message) {
      // A direct message has no other readers.
      if (isDirect(thread.channel)) return this.post(thread, message)
      const { channel, thread: root } = thread
      const inThread = defined({ thread_ts: root })
      const fields = { channel, user: account.user, ...inThread }
      const posted = await withBlocks(message, (shown) =>
        postInOrder(channel, 'chat.postEphemeral', () => client.chat.postEphemeral({ ...fields, ...shown })),
      )
      return { ...noMessage(thread), message: posted.message_ts ?? '' }
    },
    async postDirect(thread, account, message) {
      const responseUrl = responseUrlOf(thread.channel, account.user)
      const answer = async () => responseUrl !== undefined && (await respond(responseUrl, message))
      // A result has to last, and an answer is gone when the person reloads Slack.
      const isResult = resultKinds.has(message.kind)
      if (!isResult && (await answer())) return noMessage(thread)
      try {
        // Slack takes a user's id for their direct conversation with the app.
        return await this.post({ platform: 'slack', team: thread.team, channel: account.user }, message)
      } catch (error) {
        if (isResult && (await answer())) return noMessage(thread)
        throw error
      }
    },
    async edit(ref, message) {
      await waitForBudget(budget, message)
      const { channel, message: ts } = ref
      await withBlocks(message, (shown) => call('chat.update', () => client.chat.update({ channel, ts, ...shown })))
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
  await budget.ending()
}

/** Returns true for a direct conversation, by its id or its user's. */
function isDirect(channel: string): boolean {
  return /^[DUW]/.test(channel)
}

/** Replies by a response URL, which only its addressee sees. Returns false where Slack doesn't take it. */
async function respond(responseUrl: string, message: Message): Promise<boolean> {
  const body = JSON.stringify({
    response_type: 'ephemeral',
    replace_original: false,
    ...toMessage(message, { tables: false }),
  })
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  return fetch(responseUrl, { ...request, signal: AbortSignal.timeout(responseTimeoutMs), redirect: 'error' }).then(
    ({ ok }) => ok,
    () => false,
  )
}
