import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Timing } from '#core/util/default-timings'
import { launchChromium } from '#dev/machine/chromium'
import { freePort } from '#dev/machine/free-port'
import { startRedis } from '#dev/machine/redis'
import { cli, compiled } from '#test/cli/run-cli'
import type { TestCluster } from '#test/environment/test-cluster'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { shellLinkIn } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { configText, sealKey } from '#test/flow/settings'
import { waitFor } from '#test/flow/wait-for'
import { buildRunner } from '#test/shell-image/build-runner'
import { endlessCounter } from './counter.ts'
import { stopLocalSessions } from './local-sessions.ts'
import { type Network, openNetwork } from './network.ts'

/** A bot, a terminal, their Redis, a browser and the network between. */
export type KillsEnvironment = {
  browser: Browser
  network: Network
  redis: { url: string; stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>; start: () => Promise<void> }
  /** Kills the terminal's process by SIGKILL; `start` resolves when another one serves. */
  terminal: { kill: () => Promise<void>; start: () => Promise<void> }
  /** Asks for a shell, and resolves with its link. */
  link: (command?: string) => Promise<string>
  /** Sends a command of the same person. */
  say: (command: string) => Promise<unknown>
  people: ReturnType<typeof slackPeople>
  slack: FakeSlack
  /** Configurations of the processes. */
  files: readonly string[]
  /** Waits until a session's recording is closed, and verifies it as operators do; resolves with the bytes of output in it, or what is wrong. */
  verifyRecording: (id: string) => Promise<{ bytes: number } | { mistake: string }>
  close: () => Promise<void>
}

const usualPolicy = `
capabilitySets:
  plain-shell: { terminal: shell }
  probe: { tools: [ping] }
grants:
  - { to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }
`

/** As deployed, but for the signs of life: a dead connection is seen after 2.5 s, in place of 50 s. */
const usualTiming = { terminalPingMs: 1_000, terminalDeadMs: 4_000 }

/** Seconds in which a recording is closed after its session's end, also where a process died over it. */
const recordedSeconds = 60

export type EnvironmentOptions = {
  /** Shells are in containers of its node001; without it, on this machine. */
  cluster?: TestCluster
  /** Argv of all shells. Default: a counter. */
  shell?: readonly string[]
  /** In place of the usual policy, and beside the usual settings and times. */
  policy?: string
  settings?: string
  timing?: Partial<Timing>
}

/** Opens everything. `logs`: folder for the processes' logs. */
export async function openKillsEnvironment(
  logs: string,
  { cluster, shell = endlessCounter, policy = usualPolicy, settings = '', timing = {} }: EnvironmentOptions = {},
): Promise<KillsEnvironment> {
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const each of closing.splice(0).toReversed()) await each()
  }
  try {
    const folder = mkdtempSync(join(tmpdir(), 'retina-kills-'))
    closing.push(() => rmSync(folder, { recursive: true, force: true }))
    if (cluster === undefined) await buildRunner(folder)
    const data = { folder: join(folder, 'redis'), port: await freePort() }
    let server = await startRedis(data)
    closing.push(() => server.stop('SIGKILL'))
    const slack = await startFakeSlack()
    closing.push(slack.close)
    const port = await freePort()
    const network = await openNetwork(port)
    closing.push(network.close)
    const where = cluster === undefined ? { cluster: 'name: dev' } : cluster.settings
    const configOf = (role: string, own: number) => {
      const file = join(folder, `${role}.yaml`)
      const more = `terminal: { url: 'http://localhost:${network.port}' }\n${settings}`
      writeFileSync(file, configText({ ...where, policy, port: own, more }, slack))
      return file
    }
    const env = {
      ...{ SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, RETINA_SEAL_KEY: sealKey },
      ...{ REDIS_URL: server.url, RETINA_SHELL: JSON.stringify(shell) },
      RETINA_TEST_TIMING: JSON.stringify({ ...usualTiming, ...timing }),
      ...(cluster === undefined
        ? { RETINA_RUNNER: folder }
        : { RETINA_CLUSTER: JSON.stringify({ kubeconfig: cluster.kubeconfig, namespace: cluster.namespace }) }),
    }
    const botPort = await freePort()
    const sessions: string[] = []
    const open = (role: string, own: number) =>
      startProgram({ role, config: configOf(role, own), env, log: join(logs, `${role}.log`), sessions })
    const bot = await open('bot', botPort)
    closing.push(bot.kill)
    let terminal = await open('terminal', port)
    closing.push(() => terminal.kill())
    if (cluster === undefined) closing.push(() => stopLocalSessions(sessions))
    const browser = await launchChromium()
    closing.push(() => browser.close())
    const people = slackPeople(slack, () => `http://127.0.0.1:${botPort}/slack/events`, 10)
    return {
      ...{ browser, network, slack, people, close },
      files: ['bot', 'terminal'].map((role) => join(folder, `${role}.yaml`)),
      say: (command) => people.command('U0ALICE', command),
      verifyRecording: (id) => verifyRecording(id, join(folder, 'bot.yaml'), server.url),
      redis: {
        url: server.url,
        stop: (signal) => server.stop(signal),
        async start() {
          server = await startRedis(data)
        },
      },
      terminal: {
        kill: () => terminal.kill(),
        async start() {
          terminal = await open('terminal', port)
        },
      },
      async link(command = 'shell node001') {
        const before = slack.state.messages.length
        await people.command('U0ALICE', command)
        const find = () => shellLinkIn(slack.state.messages.slice(before))
        return waitFor('the link came', find)
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Program = { role: string; config: string; env: Record<string, string>; log: string; sessions: string[] }

/** Starts a process of the program; resolves when it serves. */
async function startProgram({ role, config, env, log, sessions }: Program) {
  const output = openSync(log, 'a')
  const program = join(import.meta.dirname, 'program.ts')
  const child: ChildProcess = spawn(process.execPath, [program, '--config', config, '--role', role], {
    env: { ...process.env, ...compiled, ...env },
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message: { session?: string }) => {
      if (message.session === undefined) resolve()
      else sessions.push(message.session)
    })
    child.once('exit', (code) => reject(new Error(`the ${role} ended with code ${code}: ${log}`)))
  })
  return {
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Resolves once `recording verify` finds a session's recording. */
function verifyRecording(
  id: string,
  config: string,
  redisUrl: string,
): Promise<{ bytes: number } | { mistake: string }> {
  const environment = { REDIS_URL: redisUrl, RETINA_SEAL_KEY: sealKey }
  return waitFor(
    `the recording of ${id} is closed`,
    async () => {
      const { stdout, stderr } = await cli(['recording', 'verify', id, '--config', config], environment)
      const bytes = / (\d+) bytes of output/.exec(stdout)?.[1]
      if (bytes !== undefined) return { bytes: Number(bytes) }
      // It is listed before its head is in the audit log.
      const isOpen = /there is none|the audit log has another hash/.test(stderr)
      return isOpen ? undefined : { mistake: stderr.trim() }
    },
    { seconds: recordedSeconds },
  )
}
