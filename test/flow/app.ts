import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import type { Log } from '#core/ports/log'
import type { Traced } from '#core/runs/trace-steps'
import type { Timing } from '#core/util/default-timings'
import type { OpenCluster, Role } from '#src/app/infrastructure'
import { knownNames } from '#src/app/policy-file'
import { type Running, start } from '#src/app/start'
import { loadConfig } from '#src/config/load'
import { clientSecret } from '#test/fakes/entra/state'
import { slackPeople } from '#test/fakes/slack/send'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { shown } from '#test/fakes/slack/shown'
import { appToken, botToken, type SlackMessage, signingSecret } from '#test/fakes/slack/state'
import { configText, type Settings, sealKey } from './settings.ts'
import { flowTiming } from './timing.ts'
import { waitFor } from './wait-for.ts'

export type AppOptions = Settings & {
  redis: string
  openCluster?: OpenCluster
  slack?: FakeSlack
  role?: Role
  env?: Record<string, string>
  /** True keeps it open beyond the test that opened it; whoever opened it stops it. */
  keep?: boolean
  /** Around each hop. */
  span?: Traced
  /** Beside those of all flow tests. */
  timing?: Partial<Timing>
  /** Takes what is logged; left out, a list of its own. */
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
  /** Everything that was logged, as JSON. */
  logs: string[]
  /** Stops the program; Slack stays. */
  stop: () => Promise<void>
  /** Stops everything that was opened for it. */
  end: () => Promise<void>
  /** The newest message that reads like this; waits for it, and throws with all that is shown when it doesn't come. */
  shows: (pattern: RegExp, seconds?: number) => Promise<SlackMessage>
}

const toStop: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of toStop.splice(0).toReversed()) await stop()
})

/** Stops this at the end of the test, whatever comes. */
export function atEnd(stop: () => Promise<void>): void {
  toStop.push(stop)
}

/** The whole program in this process, with a stand-in for Slack in front. */
export async function openApp(options: AppOptions): Promise<App> {
  const slack = options.slack ?? (await startFakeSlack())
  const { logs = [] } = options
  const closing: (() => Promise<void>)[] = []
  const end = async () => {
    // What is still on its way to the chat is of no interest any more; the program would wait to bring it there.
    slack.misbehave(() => 'uninstalled')
    for (const close of closing.splice(0).toReversed()) await close()
    // T39, in every test that opens the whole program: what is secret is never in its logs.
    const told = [botToken, appToken, signingSecret, sealKey, clientSecret].filter((secret) =>
      logs.some((line) => line.includes(secret)),
    )
    if (told.length > 0) throw new Error(`T39 the log holds secrets: ${told.join(', ')}`)
  }
  // Before anything can go wrong: what was opened is closed all the same.
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
  const loaded = loadConfig(file, { ...env, REDIS_URL: options.redis }, knownNames())
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  const { openCluster, role = 'all', span } = options
  const hops = span === undefined ? {} : { span }
  const timing = { ...flowTiming, ...options.timing }
  const parts = { config: loaded.config, file, role, timing, log: collect(logs), ...hops }
  const running = await start({ ...parts, ...(openCluster === undefined ? {} : { openCluster }) })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= running.stop()
    return stopped
  }
  closing.push(stop)
  const base = `http://127.0.0.1:${running.port}`
  const health = `http://127.0.0.1:${running.healthPort}`
  const people = slackPeople(slack, () => `${base}/slack/events`)
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

function collect(logs: string[]): Log {
  const note = (level: string) => (fields: object, message: string) => {
    logs.push(JSON.stringify({ level, ...fields, message }))
  }
  return { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
}

function shows({ state }: FakeSlack, pattern: RegExp, seconds?: number): Promise<SlackMessage> {
  return waitFor(
    `a message reads like ${pattern}`,
    () => state.messages.findLast((message) => pattern.test(shown(message))),
    seconds,
    () => state.messages.map(shown).join('\n---\n'),
  )
}
