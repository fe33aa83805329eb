import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RedisServer, startRedis } from '#dev/machine/redis'
import type { Role } from '#src/app/infrastructure'
import { startCli } from '#test/cli/run-cli'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { appToken, botToken, signingSecret } from '#test/fakes/slack/state'
import { configText, type Settings, sealKey } from '#test/flow/settings'
import { deployedEnv } from './deployed.ts'

export type Program = {
  slack: FakeSlack
  people: ReturnType<typeof slackPeople>
  redis: string
  /** Milliseconds from the process' start until it said that it had started. */
  startedAfter: number
  /** Bytes that the process holds in memory. */
  memory: () => number
  stderr: () => string
  stop: () => Promise<void>
}

/** Everybody may everything: what is measured is how fast. */
const policy = `
capabilitySets: { all: { tools: ['*'], capabilities: [NET_ADMIN, NET_RAW], effect: write } }
grants: [{ to: [alice@example.com, bob@example.com], sets: [all], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

export type Options = {
  /** Left out, one of its own. */
  redis?: string
  /** Where spans are sent. */
  collector?: string
  slack?: FakeSlack
  /** The role of a program on a simulated cluster; left out, all roles on the cluster of the settings. */
  simulated?: Role
}

/** The program in a process of its own, with a Redis of its own and a stand-in for Slack in this process. */
export async function openProgram(settings: Settings, options: Options = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-bench-'))
  const server: RedisServer | undefined =
    options.redis === undefined ? await startRedis({ folder: join(folder, 'redis') }) : undefined
  const redis = options.redis ?? server?.url ?? ''
  const slack = options.slack ?? (await startFakeSlack())
  slack.state.unhurried = true
  const file = join(folder, 'retina.yaml')
  writeFileSync(file, configText({ policy, ...settings }, slack))
  const secrets = { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken }
  const env = {
    ...{ ...deployedEnv(), ...secrets, REDIS_URL: redis, RETINA_SEAL_KEY: sealKey },
    ...(options.collector === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: options.collector }),
  }
  const begun = performance.now()
  const one =
    options.simulated === undefined
      ? startCli(['start', '--config', file], env)
      : startCli(['--config', file, '--role', options.simulated], env, join(import.meta.dirname, 'simulated.ts'))
  // A measure that fails leaves nobody behind who would go on working, and sweep other people's pods.
  const leave = () => void one.child.kill('SIGKILL')
  process.once('exit', leave)
  const port = await startedOn(one.stderr, one.ended)
  const startedAfter = performance.now() - begun
  return {
    slack,
    people: slackPeople(slack, () => `http://127.0.0.1:${port}/slack/events`),
    redis,
    startedAfter,
    memory: () => residentBytes(one.child.pid ?? 0),
    stderr: one.stderr,
    async stop() {
      one.child.kill('SIGTERM')
      await one.ended
      process.off('exit', leave)
      if (options.slack === undefined) await slack.close()
      await server?.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function startedOn(stderr: () => string, ended: Promise<unknown>): Promise<number> {
  let over = false
  void ended.then(() => {
    over = true
  })
  for (const until = Date.now() + 30_000; Date.now() < until && !over; ) {
    const line = stderr()
      .split('\n')
      .find((each) => each.includes('"started"'))
    if (line !== undefined) return (JSON.parse(line) as { port: number }).port
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  throw new Error(`the program did not start:\n${stderr()}`)
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024
}
