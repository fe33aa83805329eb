import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { OpenCluster, Role } from '#src/app/infrastructure'
import { knownNames } from '#src/app/policy-file'
import { type Running, start } from '#src/app/start'
import type { Terminals } from '#src/app/terminals-by-cluster'
import { loadConfig } from '#src/config/load'
import { familyOf } from '#src/redis/keys'
import { expectValid } from '#test/config/expect-valid'
import { clientSecret } from '#test/fakes/entra/state'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { inChannels, shown, shownAlone } from '#test/fakes/slack/shown'
import { appToken, botToken, type SlackMessage, signingSecret } from '#test/fakes/slack/state'
import { configText, type Settings, sealKey } from './settings.ts'
import { flowTiming } from './timing.ts'
import { waitFor } from './wait-for.ts'

export type AppOptions = Settings & {
  redis: string
  openCluster?: OpenCluster
  /** Shells of interactive sessions. */
  terminals?: Terminals
  slack?: FakeSlack
  role?: Role
  env?: Record<string, string>
  /** Keeps the program open beyond the test that opened it; the caller stops it. */
  keep?: boolean
  /** Wraps each step. */
  span?: Traced
  /** Seconds within which a request of Slack has to be acknowledged. Default: 3, as Slack waits; more where many come at once. */
  ackSeconds?: number
  /** Overrides the times of all flow tests. */
  timing?: Partial<Timing>
  /** Collects log lines. Default: a list of its own. */
  logs?: string[]
}

export type App = {
  slack: FakeSlack
  people: ReturnType<typeof slackPeople>
  running: Running
  /** Address of webhooks and pages, and of health and metrics. */
  base: string
  health: string
  file: string
  timing: Partial<Timing>
  /** Log lines as JSON. */
  logs: string[]
  /** Stops the program; the fake Slack keeps running. */
  stop: () => Promise<void>
  /** Stops the program and everything that was opened for it. */
  end: () => Promise<void>
  /** Returns the newest message whose text matches; waits for it, and throws with all shown messages on timeout. */
  shows: (pattern: RegExp, seconds?: number) => Promise<SlackMessage>
}

const toStop: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of toStop.splice(0).toReversed()) await stop()
})

/** Registers a stop function that is called at the end of the test, whether it passed or not. */
export function atEnd(stop: () => Promise<void>): void {
  toStop.push(stop)
}

/** Opens the whole program in this process, with a fake Slack. */
export async function openApp(options: AppOptions): Promise<App> {
  const slack = options.slack ?? (await startFakeSlack())
  const { logs = [] } = options
  const closing: (() => Promise<void>)[] = []
  const end = async () => {
    // Makes deliveries to the chat fail for good: the program would otherwise wait until they succeed.
    slack.misbehave(() => 'gone')
    for (const close of closing.splice(0).toReversed()) await close()
    await expectKnownKeys(options.redis)
    // T39, in every test that opens the whole program: no secret is ever logged.
    const leaked = [botToken, appToken, signingSecret, sealKey, clientSecret].filter((secret) =>
      logs.some((line) => line.includes(secret)),
    )
    if (leaked.length > 0) throw new Error(`T39 the log holds secrets: ${leaked.join(', ')}`)
  }
  // Registered before anything can fail, so that whatever was opened is closed.
  if (!options.keep) atEnd(end)
  if (options.slack === undefined) closing.push(() => slack.close())
  const folder = mkdtempSync(join(tmpdir(), 'retina-flow-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'retina.yaml')
  writeFileSync(file, configText(options, slack))
  const env = {
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_APP_TOKEN: appToken,
    RETINA_SEAL_KEY: sealKey,
    ...options.env,
  }
  const loaded = expectValid(loadConfig(file, { ...env, REDIS_URL: options.redis }, knownNames()))
  const { openCluster, role = 'all', span } = options
  const tracing = span === undefined ? {} : { span }
  const timing = { ...flowTiming, ...options.timing }
  const parts = { config: loaded.config, file, role, timing, log: collect(logs), ...tracing }
  const terminals = options.terminals === undefined ? {} : { terminals: options.terminals }
  const running = await start({ ...parts, ...terminals, ...(openCluster === undefined ? {} : { openCluster }) })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= running.stop()
    return stopped
  }
  closing.push(stop)
  const base = `http://127.0.0.1:${running.port}`
  const health = `http://127.0.0.1:${running.healthPort}`
  const people = slackPeople(slack, () => `${base}/slack/events`, options.ackSeconds)
  return {
    slack,
    people,
    running,
    base,
    health,
    file,
    timing,
    logs,
    stop,
    end,
    shows: (pattern, seconds) => shows(slack, pattern, seconds),
  }
}

/** T44, in every test that opens the whole program: each key in Redis belongs to a family of `redis/keys.ts`. */
async function expectKnownKeys(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 500 })
  redis.on('error', () => undefined)
  const keys = await redis
    .connect()
    .then(() => redis.keys('*'))
    // Redis was stopped by the test.
    .catch(() => [])
    .finally(() => redis.disconnect())
  const unknown = keys.filter((key) => familyOf(key.replace(/^retina:/, '')) === undefined)
  if (unknown.length > 0) throw new Error(`T44 keys of no family in redis/keys.ts: ${unknown.join(', ')}`)
}

function collect(logs: string[]): Log {
  const logAt = (level: string) => (fields: object, message: string) => {
    logs.push(JSON.stringify({ level, ...fields, message }))
  }
  return { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }
}

function shows({ state }: FakeSlack, pattern: RegExp, seconds?: number): Promise<SlackMessage> {
  return waitFor(
    `a message reads like ${pattern}`,
    () => inChannels(state.messages).findLast((message) => pattern.test(shown(message))),
    { seconds, instead: () => state.messages.map(shown).join('\n---\n') },
  )
}

/** Returns the newest message of a thread whose text matches; waits for it. */
export function replyOf({ replies }: SlackMessage, pattern: RegExp): Promise<SlackMessage> {
  return waitFor(`a reply reads like ${pattern}`, () => replies.findLast((reply) => pattern.test(shownAlone(reply))), {
    instead: () => replies.map(shownAlone).join('\n---\n'),
  })
}
