import type { ExpectedSecret } from '#core/doctor/expected-secret'

const slackApp = 'https://api.slack.com/apps'

const beginsWith = (prefix: string) => (value: string) =>
  value.startsWith(prefix)
    ? undefined
    : `begins with ${/^[a-z]{1,5}-/.exec(value)?.[0] ?? 'something else'}, not with ${prefix}`

type Values = Partial<Record<'slackBotToken' | 'slackSigningSecret' | 'slackAppToken', string>>

/** Returns the secrets of the Slack adapter. `receives`: false for processes that only post. */
export function slackSecrets(mode: 'http' | 'socket', receives: boolean, secrets: Values): ExpectedSecret[] {
  const botToken: ExpectedSecret = {
    name: 'SLACK_BOT_TOKEN',
    value: secrets.slackBotToken,
    mend: `SLACK_BOT_TOKEN=xoxb-…: ${slackApp}, OAuth & Permissions, Bot User OAuth Token`,
    findMistake: beginsWith('xoxb-'),
  }
  const signingSecret: ExpectedSecret = {
    name: 'SLACK_SIGNING_SECRET',
    value: secrets.slackSigningSecret,
    mend: `SLACK_SIGNING_SECRET=…: ${slackApp}, Basic Information, Signing Secret`,
    // Nobody but Slack can tell whether it is the right one.
    findDoubt: (value) =>
      /^[0-9a-f]{32}$/.test(value) ? undefined : 'has another form than those of Slack: 32 characters of 0-9 and a-f',
  }
  const appToken: ExpectedSecret = {
    name: 'SLACK_APP_TOKEN',
    value: secrets.slackAppToken,
    mend: `SLACK_APP_TOKEN=xapp-…: ${slackApp}, Basic Information, App-Level Tokens, with the scope connections:write`,
    findMistake: beginsWith('xapp-'),
  }
  if (!receives) return [botToken]
  return [botToken, mode === 'socket' ? appToken : signingSecret]
}
