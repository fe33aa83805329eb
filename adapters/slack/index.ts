import type { Notice } from '#core/notice'
import { type ChatAdapter, ChatError, type Log } from '#core/ports'
import { toMessage } from './blocks.ts'
import { call, insist, webClient } from './call.ts'
import { openLines } from './line.ts'
import { openPace } from './pace.ts'
import { slackPeople } from './people.ts'
import { type ReceiveOptions, receive } from './receive.ts'

export type SlackOptions = Pick<ReceiveOptions, 'botToken' | 'mode' | 'mount' | 'signingSecret' | 'appToken'> & {
  /** Ids of workspaces whose people are served; left out, the app's own. */
  teams?: readonly string[] | undefined
  /** Another address than https://slack.com/api/, for tests and proxies. */
  apiUrl?: string | undefined
  log: Log
}

/** Milliseconds that a message waits for its turn in a busy channel. */
const longestLine = 120_000

/** Addresses for answers that only the asker sees; Slack takes five answers in half an hour. */
const rememberedAnswers = 500

export function slackAdapter(options: SlackOptions): ChatAdapter {
  const { apiUrl, log, teams, ...rest } = options
  const client = webClient(options.botToken, apiUrl, log)
  const people = slackPeople(client, teams, log)
  const pace = openPace()
  const inLine = openLines()
  const answers = new Map<string, string>()
  let close: () => Promise<void> = async () => undefined

  const remember = (channel: string, responseUrl: string) => {
    answers.delete(channel)
    answers.set(channel, responseUrl)
    const [oldest] = answers.keys()
    if (answers.size > rememberedAnswers && oldest !== undefined) answers.delete(oldest)
  }

  return {
    platform: 'slack',
    limits: { outputChars: 2_800, editInterval: 1_000, fileBytes: 20_000_000 },
    async listen(inbox) {
      close = await receive({ ...rest, ...(apiUrl === undefined ? {} : { apiUrl }), remember, log }, inbox)
    },
    async post(thread, notice) {
      const { channel, thread: root } = thread
      const under = root === undefined ? {} : { thread_ts: root }
      const message = { channel, ...under, ...toMessage(notice), unfurl_links: false, unfurl_media: false }
      const post = () => insist('chat.postMessage', () => client.chat.postMessage(message), longestLine)
      const posted = await inLine(channel, post).catch(async (error) => {
        await inviteUs(error, answers.get(channel))
        throw error
      })
      if (posted.ts === undefined) throw new ChatError('chat.postMessage: Slack gave no time stamp')
      return {
        platform: 'slack',
        team: thread.team,
        channel: posted.channel ?? channel,
        message: posted.ts,
        ...(root === undefined ? {} : { thread: root }),
      }
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
      await insist('files.upload', () => client.filesUploadV2({ ...upload, ...content }))
    },
    account: ({ team, user }) => people.account(team, user),
    async ready() {
      await call('auth.test', () => client.auth.test())
      return true
    },
    close: () => close(),
  }
}

async function waitForTurn(pace: ReturnType<typeof openPace>, notice: Notice): Promise<void> {
  if (notice.kind === 'starting' || notice.kind === 'running') {
    const wait = pace.progress()
    if (wait > 0) throw new ChatError('many runs share this workspace: shown a little later', { retryAfter: wait })
    return
  }
  for (let wait = pace.ending(); wait > 0; wait = pace.ending()) {
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/** Where we may not write, whoever asked is told so in the one way that is left. */
async function inviteUs(error: unknown, responseUrl: string | undefined): Promise<void> {
  if (responseUrl === undefined || !(error instanceof ChatError) || !error.permanent) return
  const text = "I can't write in this channel, so nothing was run. Invite me with `/invite @retina`, then ask again."
  const body = JSON.stringify({ response_type: 'ephemeral', text })
  await fetch(responseUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
    () => undefined,
  )
}
