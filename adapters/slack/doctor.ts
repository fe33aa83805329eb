import { type Finding, failed, notChecked, ok } from '#core/doctor/finding'
import type { Log } from '#core/ports/log'
import { errorMessage } from '#core/util/error-message'
import { call, webClient } from './call.ts'
import { botScopes } from './scopes.ts'

export type SlackDoctorOptions = {
  mode: 'http' | 'socket'
  botToken: string | undefined
  appToken: string | undefined
  apiUrl: string | undefined
  log: Log
}

/** Checks the tokens by Slack's answers. A missing token is left to the check of the secrets. */
export async function diagnoseSlack(options: SlackDoctorOptions): Promise<Finding[]> {
  const { mode, botToken, appToken } = options
  const own = botToken === undefined ? [] : await diagnoseBotToken(botToken, options)
  const socket = mode === 'socket' && appToken !== undefined ? [await diagnoseAppToken(appToken, options)] : []
  return [...own, ...socket, slashCommand]
}

const slashCommand = notChecked(
  'Slack slash command',
  'Slack does not tell whether /retina is set up, and for which address',
  'type `/retina help` in a channel; the command is in deploy/slack/manifest.yaml',
)

const apps = 'https://api.slack.com/apps'

async function diagnoseBotToken(token: string, { apiUrl, log }: SlackDoctorOptions): Promise<Finding[]> {
  const client = webClient(token, apiUrl, log)
  try {
    const answer = await call('auth.test', () => client.auth.test())
    const scopes = answer.response_metadata?.scopes
    return [ok('Slack token', `of the workspace ${answer.team ?? answer.team_id}`), judgeScopes(scopes)]
  } catch (error) {
    const why = errorMessage(error)
    return [failed('Slack token', why, mendToken(why)), notChecked('Slack scopes', 'the token is not accepted', apps)]
  }
}

function mendToken(why: string): string {
  if (/account_inactive|token_revoked/.test(why))
    return `install the app again: ${apps}, Install App; then copy its token`
  if (/invalid_auth|not_authed|token_expired/.test(why))
    return `copy the Bot User OAuth Token again: ${apps}, OAuth & Permissions; put it into SLACK_BOT_TOKEN`
  return 'open the way to https://slack.com/api/ (port 443), or set a proxy; then run doctor again'
}

function judgeScopes(scopes: readonly string[] | undefined): Finding {
  const name = 'Slack scopes'
  if (scopes === undefined) return notChecked(name, 'Slack did not name them', `${apps}, OAuth & Permissions`)
  const missing = botScopes.filter((each) => !scopes.includes(each))
  if (missing.length === 0) return ok(name, 'all that are needed')
  const mend = `add them: ${apps}, OAuth & Permissions, Bot Token Scopes, then Reinstall to Workspace`
  return failed(name, `the token lacks ${missing.join(', ')}`, mend)
}

async function diagnoseAppToken(token: string, { apiUrl, log }: SlackDoctorOptions): Promise<Finding> {
  const client = webClient(token, apiUrl, log)
  try {
    await call('apps.connections.open', () => client.apps.connections.open())
    return ok('Slack app token', 'opens Socket Mode')
  } catch (error) {
    const why = errorMessage(error)
    const mend = `make one with the scope connections:write: ${apps}, Basic Information, App-Level Tokens; put it into SLACK_APP_TOKEN`
    return failed('Slack app token', why, mend)
  }
}
