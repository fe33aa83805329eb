import { join } from 'node:path'
import type { Timing } from '#core/util/default-timings'
import { startedPort } from '#test/bench/program'
import { startCli } from '#test/cli/run-cli'
import { botToken } from '#test/fakes/slack/state'
import { type App, atEnd } from '#test/flow/app'
import { sealKey } from '#test/flow/settings'

/** A worker in a separate process, which can be killed with SIGKILL. */
export type Worker = {
  /** Starts the loaded worker; resolves when it has started. */
  start: () => Promise<void>
  kill: () => Promise<void>
}

/** Loads a worker with the configuration of a running app. It does nothing until it is started, so that it can be loaded in advance. */
export function loadWorker(flow: App, redis: string, timing: Partial<Timing>): Worker {
  // As in the chart: a worker receives nothing from Slack, so it has no signing secret.
  const env = {
    REDIS_URL: redis,
    SLACK_BOT_TOKEN: botToken,
    RETINA_SEAL_KEY: sealKey,
    RETINA_TEST_TIMING: JSON.stringify({ ...flow.timing, ...timing }),
  }
  const args = ['--config', flow.file, '--role', 'worker', '--hold']
  const { child, stderr, ended } = startCli(args, env, join(import.meta.dirname, 'killable-program.ts'))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  atEnd(kill)
  return {
    kill,
    async start() {
      child.stdin?.write('start\n')
      await startedPort(stderr, ended)
    },
  }
}
