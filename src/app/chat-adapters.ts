import { slackSecrets } from '#adapters/slack/secrets'
import { typedText as slackText } from '#adapters/slack/typed-text'
import { typedText as teamsText } from '#adapters/teams/typed-text'
import type { ExpectedSecret } from '#core/doctor/expected-secret'
import type { Finding } from '#core/doctor/finding'
import type { Message } from '#core/messages/message'
import { type Platform, platformNames } from '#core/people/platforms'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defined } from '#core/util/defined'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import type { Entra } from '#src/identity/entra-people'
import type { Infrastructure, Role } from './infrastructure.ts'
import { UserError } from './user-error.ts'

type Parts = Pick<Infrastructure, 'eventStream' | 'store' | 'timing'> & {
  config: Config
  mount: Mount
  log: Log
  entra: Entra | undefined
}

/** What the program calls of a chat. Loads an adapter's packages only where it is used, since they take time and memory. */
export type ChatSetup = {
  /** Creates the adapter; undefined where the chat isn't configured. Throws `UserError` for a missing secret. */
  create: (parts: Parts) => Promise<ChatAdapter | undefined>
  /** Returns the secrets that a role needs, for `doctor`; none where the chat isn't configured. */
  secrets?: (config: Config, role: Role) => readonly ExpectedSecret[]
  /** Asks the platform whether it accepts the credentials, for `doctor`. */
  diagnose?: (config: Config, role: Role, log: Log) => Promise<readonly Finding[]>
  /** Returns what a person typed from a text as the platform sends it; without it, they are the same. */
  typedText?: (text: string) => string
}

/** Returns true for processes that receive what people send. */
const receives = (role: Role) => role === 'bot' || role === 'all'

/** The setup of each chat. */
export const chatSetups: Readonly<Record<Platform, ChatSetup>> = {
  console: {
    async create({ eventStream, config }) {
      const { consoleAdapter } = await import('#adapters/console/index')
      return consoleAdapter({ eventStream, people: config.console?.people ?? [] })
    },
  },
  web: {
    async create({ eventStream, config, log, timing }) {
      if (config.web === undefined) return undefined
      const [{ webAdapter }, renderings] = await Promise.all([import('#adapters/web/index'), loadRenderings()])
      return webAdapter({ ...config.web, eventStream, renderings, log, timing })
    },
  },
  slack: {
    async create({ config, mount, log, timing }) {
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
    secrets: ({ slack, secrets }, role) =>
      slack === undefined ? [] : slackSecrets(slack.mode, receives(role), secrets),
    async diagnose({ slack, secrets }, role, log) {
      if (slack === undefined) return []
      const { diagnoseSlack } = await import('#adapters/slack/doctor')
      // Others only post, and open no connection of Socket Mode.
      const mode = receives(role) ? slack.mode : 'http'
      const { slackBotToken: botToken, slackAppToken: appToken } = secrets
      return diagnoseSlack({ mode, apiUrl: slack.apiUrl, botToken, appToken, log })
    },
    typedText: (text) => slackText(text).text,
  },
  teams: {
    async create({ config, mount, log, store, timing, entra }) {
      if (config.teams === undefined || entra === undefined) return undefined
      const { teamsAppSecret: secret } = config.secrets
      if (secret === undefined)
        throw new UserError('missing-secret', 'The Teams adapter needs TEAMS_APP_SECRET, which is not set.')
      const { teamsAdapter } = await import('#adapters/teams/index')
      return teamsAdapter({ ...config.teams, secret, values: store, account: entra.account, mount, log, timing })
    },
    secrets: ({ teams, secrets }) =>
      teams === undefined
        ? []
        : [
            {
              name: 'TEAMS_APP_SECRET',
              value: secrets.teamsAppSecret,
              mend: `TEAMS_APP_SECRET=…: az ad app credential reset --id ${teams.appId}`,
            },
          ],
    async diagnose({ teams, secrets: { teamsAppSecret: secret } }) {
      if (teams === undefined || secret === undefined) return []
      const { diagnoseTeams } = await import('#adapters/teams/doctor')
      return [await diagnoseTeams({ ...teams, secret })]
    },
    typedText: (text) => teamsText({ text, recipient: { id: '', name: 'retina' } }).text,
  },
}

/** Loads renderers of the other chats, whose output the web chat shows beside its own. */
async function loadRenderings() {
  const [{ toMessage }, { toCard }] = await Promise.all([
    import('#adapters/slack/blocks'),
    import('#adapters/teams/cards'),
  ])
  return { slack: toMessage, teams: (message: Message) => toCard(message) }
}

/** Creates the configured chat adapters. Throws `UserError` for a missing secret. */
export async function createAdapters(parts: Parts): Promise<ReadonlyMap<Platform, ChatAdapter>> {
  const adapters = new Map<Platform, ChatAdapter>()
  for (const name of platformNames) {
    const adapter = await chatSetups[name].create(parts)
    if (adapter !== undefined) adapters.set(name, adapter)
  }
  return adapters
}

/** Asks each configured platform whether it accepts the credentials. */
export async function diagnoseChats(config: Config, role: Role, log: Log): Promise<Finding[]> {
  const findings = platformNames.map((name) => chatSetups[name].diagnose?.(config, role, log) ?? [])
  return (await Promise.all(findings)).flat()
}
