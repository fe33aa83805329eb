import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defined } from '#core/util/defined'
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
  /** Milliseconds from the process's start until it logged that it had started. */
  startedAfter: number
  /** Resident memory of the process, in bytes. */
  memory: () => number
  stderr: () => string
  stop: () => Promise<void>
}

/** Policy that allows everything to Alice and Bob. */
const policy = `
capabilitySets: { all: { tools: ['*'], capabilities: [NET_ADMIN, NET_RAW], effect: write } }
grants: [{ to: [alice@example.com, bob@example.com], sets: [all], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

export type Options = {
  /** URL of a Redis; undefined: one is started. */
  redis?: string
  /** OTLP endpoint for spans; undefined: none are exported. */
  collector?: string
  slack?: FakeSlack
  /** Role of the program on a simulated cluster; undefined: all roles, on the cluster of the settings. */
  simulated?: Role
  /** Path of recorded nodes of the simulated cluster. */
  standIns?: string
}

/** Starts the program in a separate process, with a Redis and, in this process, a stand-in for Slack. Resolves when it has started. */
export async function openProgram(settings: Settings, options: Options = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-bench-'))
  const server: RedisServer | undefined =
    options.redis === undefined ? await startRedis({ folder: join(folder, 'redis') }) : undefined
  const redis = options.redis ?? server?.url ?? ''
  const slack = options.slack ?? (await startFakeSlack())
  slack.state.unhurried = true
  const file = join(folder, 'retina.yaml')
  writeFileSync(file, configText({ policy, ...settings }, slack))
  const env = defined({ OTEL_EXPORTER_OTLP_ENDPOINT: options.collector, RETINA_BENCH_STAND_INS: options.standIns })
  const { simulated } = options
  const role = simulated === undefined ? {} : { role: simulated, isSimulated: true }
  const started = await startProcess(file, { redis, env, ...role })
  return {
    ...{ slack, redis, startedAfter: started.startedAfter, memory: started.memory, stderr: started.stderr },
    people: slackPeople(slack, () => `http://127.0.0.1:${started.port}/slack/events`),
    async stop() {
      await started.stop()
      if (options.slack === undefined) await slack.close()
      await server?.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type StartOptions = {
  redis: string
  /** Role of the process; undefined: all. */
  role?: Role
  /** True for the program on a simulated cluster (simulated.ts). */
  isSimulated?: boolean
  env?: Record<string, string>
}

/** Starts a process of the program, as deployed, with the secrets of the tests. Resolves when it has started. */
export async function startProcess(file: string, { redis, role, isSimulated = false, env = {} }: StartOptions) {
  const secrets = { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken }
  const all = { ...deployedEnv(), ...secrets, REDIS_URL: redis, RETINA_SEAL_KEY: sealKey, ...env }
  const args = ['--config', file, ...(role === undefined ? [] : ['--role', role])]
  const begun = performance.now()
  const started = isSimulated
    ? startCli(args, all, join(import.meta.dirname, 'simulated.ts'))
    : startCli(['start', ...args], all)
  // When a benchmark fails, the program must not go on and sweep pods of other processes.
  const kill = () => void started.child.kill('SIGKILL')
  process.once('exit', kill)
  const port = await startedPort(started.stderr, started.ended)
  return {
    port,
    startedAfter: performance.now() - begun,
    memory: () => residentBytes(started.child.pid ?? 0),
    stderr: started.stderr,
    async stop() {
      started.child.kill('SIGTERM')
      await started.ended
      process.off('exit', kill)
    },
  }
}

/** Resolves with the port that the program logs when it has started. Throws if it ends, or after 30 s. */
export async function startedPort(stderr: () => string, ended: Promise<unknown>): Promise<number> {
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  for (const until = Date.now() + 30_000; Date.now() < until && !hasEnded; ) {
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
