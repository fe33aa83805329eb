import { parseDocument } from 'yaml'
import { type Platform, platformNames } from '#core/people/platforms'
import { type GivenAnswers, optional, required, type StarterQuestion } from './init-question-type.ts'
import { readDeploy } from './read-deploy-template.ts'

/** What `init` writes and says for a chat that was chosen. */
export type StarterChat = {
  /** Lines of `retina.yaml`. */
  config: readonly string[]
  /** Secrets of all processes, as `NAME=…`. */
  secrets: readonly string[]
  /** Further secrets of bots. */
  botSecrets: readonly string[]
  /** File for the administration of the platform. */
  file: { name: string; text: string }
  /** Where that file is used. */
  hint: string
}

type ChatStarter = {
  questions: readonly StarterQuestion[]
  /** Example of the flags that choose the chat, for a mistake message. */
  flags: string
  isChosen: (given: GivenAnswers) => boolean
  /** Returns true where the platform has to reach the bot. */
  needsUrl: (given: GivenAnswers) => boolean
  /** `url`: where platforms and browsers reach the bot. */
  toChat: (given: GivenAnswers, url: URL | undefined) => StarterChat
}

const isGuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
const checkGuid = (answer: string) =>
  isGuid(answer) ? undefined : { mistake: `"${answer}" is not a GUID, as Entra shows it.` }

const isAnswered = (flag: string) => (given: GivenAnswers) => (given.get(flag) ?? 'no') !== 'no'

/** Chats that `init` sets up. */
const starters: Partial<Record<Platform, ChatStarter>> = {
  slack: {
    questions: [
      {
        ...optional(() => 'no'),
        flag: 'slack',
        text: 'Slack: http, socket (no address needed) or no',
        check: (answer) =>
          ['http', 'socket', 'no'].includes(answer) ? undefined : { mistake: 'Answer http, socket or no.' },
      },
    ],
    flags: '--slack http, --slack socket',
    isChosen: isAnswered('slack'),
    needsUrl: (given) => given.get('slack') === 'http',
    toChat(given, url) {
      const mode = given.get('slack') === 'http' ? 'http' : 'socket'
      return {
        config: [`slack: { mode: ${mode} } # its tokens come from the environment`],
        secrets: ['SLACK_BOT_TOKEN=xoxb-…'],
        botSecrets: [mode === 'http' ? 'SLACK_SIGNING_SECRET=…' : 'SLACK_APP_TOKEN=xapp-…'],
        file: { name: 'slack-manifest.yaml', text: slackManifest(mode, url) },
        hint: 'The Slack app: api.slack.com/apps, Create New App, From a manifest: slack-manifest.yaml.',
      }
    },
  },
  teams: {
    questions: [
      {
        ...optional(() => 'no'),
        flag: 'teams',
        text: 'Microsoft Teams: application (client) id of the bot, or no',
        check: (answer) => (answer === 'no' ? undefined : checkGuid(answer)),
      },
      {
        ...required,
        flag: 'tenant',
        text: 'Tenant id of Microsoft Entra',
        applies: isAnswered('teams'),
        check: checkGuid,
      },
      {
        ...optional((given) => given.get('teams')),
        flag: 'entra-client',
        text: 'Application id that may read people in Entra (the same app, or one of its own)',
        applies: isAnswered('teams'),
        check: checkGuid,
      },
    ],
    flags: '--teams with the application id',
    isChosen: isAnswered('teams'),
    needsUrl: isAnswered('teams'),
    toChat(given, url) {
      const [appId = '', tenant = '', client = ''] = ['teams', 'tenant', 'entra-client'].map((flag) => given.get(flag))
      return {
        config: [
          `teams: { appId: ${appId}, tenant: ${tenant} } # its secret is TEAMS_APP_SECRET in the environment`,
          `directory: { entra: { tenant: ${tenant}, clientId: ${client} } } # its secret is ENTRA_CLIENT_SECRET`,
        ],
        secrets: ['ENTRA_CLIENT_SECRET=…', 'TEAMS_APP_SECRET=…'],
        botSecrets: [],
        file: { name: 'teams-manifest.json', text: teamsManifest(appId, url) },
        hint: 'The Teams app: teams-manifest.json as manifest.json in a zip; deploy/teams/README.md.',
      }
    },
  },
}

const all = platformNames.flatMap((name) => starters[name] ?? [])

export const chatQuestions: readonly StarterQuestion[] = all.flatMap(({ questions }) => questions)

/** Flags of which one has to be given. */
export const chatFlags: string = all.map(({ flags }) => flags).join(', or ')

/** Returns true where a chat that was chosen has to reach the bot. */
export function chatsNeedUrl(given: GivenAnswers): boolean {
  return all.some((each) => each.needsUrl(given))
}

/** Returns what is written for each chat that was chosen. */
export function starterChats(given: GivenAnswers, url: URL | undefined): StarterChat[] {
  return all.flatMap((each) => (each.isChosen(given) ? [each.toChat(given, url)] : []))
}

/** Returns deploy/slack/manifest.yaml with the bot's address, or for Socket Mode. */
function slackManifest(mode: 'http' | 'socket', url: URL | undefined): string {
  // Without the comment that says what to put in place of the address.
  const document = parseDocument(readDeploy('slack/manifest.yaml').replace(/^(?:#.*\n)+/, ''))
  document.commentBefore =
    ' Slack app manifest with the least scopes: api.slack.com/apps, Create New App, From a manifest.'
  const address = url === undefined ? undefined : `${url.origin}/slack/events`
  const set = (path: readonly (string | number)[]) =>
    address === undefined ? document.deleteIn(path) : document.setIn(path, address)
  const settings = ['settings', 'event_subscriptions', 'request_url']
  set(['features', 'slash_commands', 0, 'url'])
  set(settings)
  set(['settings', 'interactivity', 'request_url'])
  set(['settings', 'interactivity', 'message_menu_options_url'])
  document.setIn(['settings', 'socket_mode_enabled'], mode === 'socket')
  return document.toString({ lineWidth: 0 })
}

/** Returns deploy/teams/manifest.json for an app. */
function teamsManifest(appId: string, url: URL | undefined): string {
  const text = readDeploy('teams/manifest.json').replaceAll('00000000-0000-0000-0000-000000000000', appId)
  return url === undefined ? text : text.replaceAll('https://chatops.example.com', url.origin)
}
