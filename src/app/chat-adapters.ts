import { consoleAdapter } from '#adapters/console/index'
import { toMessage } from '#adapters/slack/blocks'
import { toCard } from '#adapters/teams/cards'
import { webAdapter } from '#adapters/web/index'
import type { Message } from '#core/messages/message'
import type { Platform } from '#core/people/platforms'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defined } from '#core/util/defined'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import type { Entra } from '#src/identity/entra-people'
import type { Infrastructure } from './infrastructure.ts'
import { UserError } from './user-error.ts'

type Parts = Pick<Infrastructure, 'eventStream' | 'store' | 'timing'> & {
  config: Config
  mount: Mount
  log: Log
  entra: Entra | undefined
}

/**
 * Creates the adapter of each chat; undefined for a chat that isn't configured. Loads an adapter's packages only where
 * it is used, since they take time and memory.
 */
const create: Readonly<Record<Platform, (parts: Parts) => Promise<ChatAdapter | undefined>>> = {
  console: async ({ eventStream, config }) => consoleAdapter({ eventStream, people: config.console?.people ?? [] }),
  web: async ({ eventStream, config, log, timing }) =>
    config.web === undefined ? undefined : webAdapter({ ...config.web, eventStream, renderings, log, timing }),
  async slack({ config, mount, log, timing }) {
    if (config.slack === undefined) return undefined
    const { slackBotToken: botToken, slackSigningSecret, slackAppToken } = config.secrets
    if (botToken === undefined)
      throw new UserError('missing-secret', 'The Slack adapter needs SLACK_BOT_TOKEN, which is not set.')
    const { slackAdapter } = await import('#adapters/slack/index')
    return slackAdapter({
      ...config.slack,
      botToken,
      ...defined({ signingSecret: slackSigningSecret, appToken: slackAppToken, proxy: config.proxy }),
      mount,
      log,
      timing,
    })
  },
  async teams({ config, mount, log, store, timing, entra }) {
    if (config.teams === undefined || entra === undefined) return undefined
    const { teamsAppSecret: secret } = config.secrets
    if (secret === undefined)
      throw new UserError('missing-secret', 'The Teams adapter needs TEAMS_APP_SECRET, which is not set.')
    const { teamsAdapter } = await import('#adapters/teams/index')
    return teamsAdapter({ ...config.teams, secret, values: store, account: entra.account, mount, log, timing })
  },
}

/** Renderers of the other chats, whose output the web chat shows beside its own. */
const renderings = { slack: toMessage, teams: (notice: Message) => toCard(notice) }

/** Creates the configured chat adapters. Throws `UserError` for a missing secret. */
export async function createAdapters(parts: Parts): Promise<ReadonlyMap<Platform, ChatAdapter>> {
  const adapters = new Map<Platform, ChatAdapter>()
  for (const open of Object.values(create)) {
    const adapter = await open(parts)
    if (adapter !== undefined) adapters.set(adapter.platform, adapter)
  }
  return adapters
}
