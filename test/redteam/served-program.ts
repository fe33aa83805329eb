import { fork } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#dev/machine/free-port'
import { compiled } from '#test/cli/run-cli'
import { startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, home } from '#test/fakes/entra/state'
import { startFakeSlack } from '#test/fakes/slack/server'
import { appToken, botToken, signingSecret } from '#test/fakes/slack/state'
import { startFakeTeams } from '#test/fakes/teams/server'
import { teamsSecret } from '#test/fakes/teams/state'
import { configText, sealKey } from '#test/flow/settings'
import { flowTiming } from '#test/flow/timing'

export type Ports = { webhooks: number; 'web-chat': number; health: number }

/** The running program with all of its listeners, in a process of its own, which is started again where it has ended. */
export type ServedProgram = {
  ports: Ports
  isAlive: () => boolean
  stderr: () => string
  kill: () => void
}

/** Limits that let tests of slow clients end soon, and that an ordinary request keeps on a busy machine. */
const timing = { ...flowTiming, httpHeadersMs: 1_500, httpRequestMs: 2_500, httpCheckMs: 100, policyIntervalMs: 60_000 }

/** Starts what the program talks to: stand-ins for Slack, Teams and Entra. */
export async function openServices() {
  const [slack, teams, entra] = await Promise.all([startFakeSlack(), startFakeTeams(home), startFakeEntra()])
  return { slack, teams, entra, close: () => Promise.all([slack.close(), teams.close(), entra.close()]) }
}

export type Services = Awaited<ReturnType<typeof openServices>>

/** Starts the program in one role; resolves once it has started. */
export async function startProgram(
  redis: string,
  { slack, teams, entra }: Services,
  role: 'all' | 'bot' | 'worker' = 'all',
): Promise<ServedProgram> {
  const [webhooks, webChat, health] = await Promise.all([freePort(), freePort(), freePort()])
  const more = `
pages: { url: 'http://localhost:1' }
web: { port: ${webChat}, channels: [incident], people: [{ id: alice@example.com, name: Alice }] }
directory: { entra: { tenant: ${home}, clientId: ${entra.state.clientId}, loginUrl: '${entra.url}', graphUrl: '${entra.url}' } }
teams: { appId: ${teams.state.appId}, tenant: ${home}, loginUrl: '${teams.url}', openIdUrl: '${teams.url}/openid', serviceHosts: ['${new URL(teams.url).host}'] }`
  const file = join(mkdtempSync(join(tmpdir(), 'retina-redteam-')), 'retina.yaml')
  writeFileSync(file, configText({ cluster: 'name: dev', port: webhooks, health, more }, slack))
  const child = fork(join(import.meta.dirname, '../flow/killable-process.ts'), {
    execArgv: [],
    env: { ...process.env, ...compiled, ...secrets },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000)
  })
  let alive = true
  const ended = new Promise<'ended'>((resolve) => {
    child.once('exit', () => {
      alive = false
      resolve('ended')
    })
  })
  const started = new Promise<'started'>((resolve) => child.once('message', () => resolve('started')))
  child.send({ file, redis, role, kill: 'never', timing })
  if ((await Promise.race([started, ended])) === 'ended') throw new Error(`the program did not start:\n${stderr}`)
  return {
    ports: { webhooks, 'web-chat': webChat, health },
    isAlive: () => alive,
    stderr: () => stderr,
    kill: () => void child.kill('SIGKILL'),
  }
}

const secrets = {
  SLACK_BOT_TOKEN: botToken,
  SLACK_SIGNING_SECRET: signingSecret,
  SLACK_APP_TOKEN: appToken,
  RETINA_SEAL_KEY: sealKey,
  TEAMS_APP_SECRET: teamsSecret,
  ENTRA_CLIENT_SECRET: clientSecret,
}
