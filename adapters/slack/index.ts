import { createRefusalReply } from '#adapters/common/post-without-waiting'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { createCache } from '#core/util/cache'
import { defaultTiming } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { call, type SlackTiming, webClient } from './call.ts'
import { slackPeople } from './people.ts'
import type { ReceiveOptions } from './receive.ts'
import { slackWriter } from './write.ts'

export type SlackOptions = Pick<
  ReceiveOptions,
  'botToken' | 'mode' | 'mount' | 'signingSecret' | 'appToken' | 'proxy'
> & {
  /** Ids of the workspaces whose members are served; default: the app's own workspace. */
  teams?: readonly string[] | undefined
  /** Base URL of the Web API instead of https://slack.com/api/, for tests and proxies. */
  apiUrl?: string | undefined
  log: Log
  timing?: SlackTiming
}

/**
 * Largest number of saved response URLs, which take replies that only their addressee sees. Slack accepts five replies
 * to one URL within 30 minutes.
 */
const maxResponseUrls = 500

export function slackAdapter(options: SlackOptions): ChatAdapter {
  const { apiUrl, log, teams, timing = defaultTiming, ...rest } = options
  const client = webClient(options.botToken, apiUrl, log, timing)
  const people = slackPeople(client, teams, log, undefined, timing)
  const responseUrls = createCache<string>(maxResponseUrls)
  let close: () => Promise<void> = async () => undefined

  const saveResponseUrl = (channel: string, user: string, responseUrl: string) =>
    responseUrls.set(`${channel} ${user}`, responseUrl)

  const writer = slackWriter(client, (channel, user) => responseUrls.get(`${channel} ${user}`), timing)
  const reply = createRefusalReply('Slack', writer, log)

  return {
    platform: 'slack',
    limits: {
      outputChars: 2_800,
      editInterval: timing.editIntervalMs,
      fileBytes: 20_000_000,
      ephemeralNeedsReplies: true,
    },
    async listen(inbox) {
      // Imported here because Bolt is slow to load and large, and workers don't receive.
      const { receive } = await import('./receive.ts')
      const api = defined({ apiUrl })
      close = await receive({ ...rest, client, ...api, saveResponseUrl, reply, log }, inbox)
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
