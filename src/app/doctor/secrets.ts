import { type Finding, failed, ok, warning } from '#core/doctor/finding'
import type { Role } from '#src/app/infrastructure'
import type { Config } from '#src/config/load'

type Expected = {
  name: string
  value: string | undefined
  isNeeded: boolean
  mend: string
  /** Returns what is wrong with the form of the value. */
  judge?: (value: string) => string | undefined
}

const beginsWith = (prefix: string) => (value: string) =>
  value.startsWith(prefix)
    ? undefined
    : `begins with ${/^[a-z]{1,5}-/.exec(value)?.[0] ?? 'something else'}, not with ${prefix}`

const slackApp = 'https://api.slack.com/apps'

/** Checks that the secrets are set that the role needs for `retina.yaml`, and their forms; no value is shown. */
export function diagnoseSecrets({ secrets, slack, teams, directory }: Config, role: Role): Finding[] {
  const isSocket = slack?.mode === 'socket'
  // Only bots receive what people send.
  const receives = slack !== undefined && role !== 'worker'
  const expected: Expected[] = [
    {
      name: 'RETINA_SEAL_KEY',
      value: secrets.sealKeys?.[0],
      isNeeded: true,
      mend: 'RETINA_SEAL_KEY="$(openssl rand -hex 32)", the same for all processes',
    },
    {
      name: 'SLACK_BOT_TOKEN',
      value: secrets.slackBotToken,
      isNeeded: slack !== undefined,
      mend: `SLACK_BOT_TOKEN=xoxb-…: ${slackApp}, OAuth & Permissions, Bot User OAuth Token`,
      judge: beginsWith('xoxb-'),
    },
    {
      name: 'SLACK_SIGNING_SECRET',
      value: secrets.slackSigningSecret,
      isNeeded: receives && !isSocket,
      mend: `SLACK_SIGNING_SECRET=…: ${slackApp}, Basic Information, Signing Secret`,
    },
    {
      name: 'SLACK_APP_TOKEN',
      value: secrets.slackAppToken,
      isNeeded: receives && isSocket,
      mend: `SLACK_APP_TOKEN=xapp-…: ${slackApp}, Basic Information, App-Level Tokens, with the scope connections:write`,
      judge: beginsWith('xapp-'),
    },
    {
      name: 'ENTRA_CLIENT_SECRET',
      value: secrets.entraClientSecret,
      isNeeded: directory.entra !== undefined,
      mend: `ENTRA_CLIENT_SECRET=…: az ad app credential reset --id ${directory.entra?.clientId}`,
    },
    {
      name: 'TEAMS_APP_SECRET',
      value: secrets.teamsAppSecret,
      isNeeded: teams !== undefined,
      mend: `TEAMS_APP_SECRET=…: az ad app credential reset --id ${teams?.appId}`,
    },
  ]
  return expected.filter(({ isNeeded }) => isNeeded).map(judgeSecret)
}

function judgeSecret({ name, value, mend, judge }: Expected): Finding {
  const check = `secret ${name}`
  if (value === undefined) return failed(check, 'is not set', mend)
  const wrong = judge?.(value)
  if (wrong !== undefined) return failed(check, wrong, mend)
  // Slack's signing secrets are hexadecimal; nobody but Slack can tell whether it is the right one.
  if (name === 'SLACK_SIGNING_SECRET' && !/^[0-9a-f]{32}$/.test(value))
    return warning(check, 'has another form than those of Slack: 32 characters of 0-9 and a-f', mend)
  return ok(check, 'is set')
}
