import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming } from '#core/util/default-timings'
import { call, type SlackTiming, webClient } from './call.ts'
import { slackPeople } from './people.ts'
import type { ReceiveOptions } from './receive.ts'
import { slackWriter } from './write.ts'

export type SlackOptions = Pick<ReceiveOptions, 'botToken' | 'mode' | 'mount' | 'signingSecret' | 'appToken'> & {
  /** Ids of workspaces whose people are served; left out, the app's own. */
  teams?: readonly string[] | undefined
  /** Another address than https://slack.com/api/, for tests and proxies. */
  apiUrl?: string | undefined
  log: Log
  timing?: SlackTiming
}

/** Addresses for answers that only the asker sees; Slack takes five answers in half an hour. */
const rememberedAnswers = 500

export function slackAdapter(options: SlackOptions): ChatAdapter {
  const { apiUrl, log, teams, timing = defaultTiming, ...rest } = options
  const client = webClient(options.botToken, apiUrl, log, timing)
  const people = slackPeople(client, teams, log, undefined, timing)
  const answers = new Map<string, string>()
  let close: () => Promise<void> = async () => undefined

  const remember = (channel: string, responseUrl: string) => {
    answers.delete(channel)
    answers.set(channel, responseUrl)
    const [oldest] = answers.keys()
    if (answers.size > rememberedAnswers && oldest !== undefined) answers.delete(oldest)
  }

  const writer = slackWriter(client, (channel) => answers.get(channel), timing)
  const tell: ReceiveOptions['tell'] = (thread, notice) => {
    writer.post(thread, notice).catch((error: unknown) => {
      log.error({ error: String(error) }, 'Slack: whoever asked could not be told that it was not accepted')
    })
  }

  return {
    platform: 'slack',
    limits: { outputChars: 2_800, editInterval: timing.editIntervalMs, fileBytes: 20_000_000 },
    async listen(inbox) {
      // Bolt takes its time and memory, and workers only write.
      const { receive } = await import('./receive.ts')
      const api = apiUrl === undefined ? {} : { apiUrl }
      close = await receive({ ...rest, client, ...api, remember, tell, log }, inbox)
    },
    ...writer,
    account: ({ team, user }) => people.account(team, user),
    async ready() {
      await call('auth.test', () => client.auth.test())
      return true
    },
    close: () => close(),
  }
}
