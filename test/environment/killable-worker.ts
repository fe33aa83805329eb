import { join } from 'node:path'
import type { Timing } from '#core/util/default-timings'
import { startedOn } from '#test/bench/program'
import { startCli } from '#test/cli/run-cli'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { type App, atEnd } from '#test/flow/app'
import { sealKey } from '#test/flow/settings'

/** A worker in a process of its own, which a kill -9 takes away without a word. */
export type Worker = {
  /** Resolves when it works. */
  start: () => Promise<void>
  kill: () => Promise<void>
}

/** Loads one, on the configuration of this flow. Until it is started it does nothing, and so it may be loaded before it is needed. */
export function loadWorker(flow: App, redis: string, timing: Partial<Timing>): Worker {
  const env = {
    REDIS_URL: redis,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    RETINA_SEAL_KEY: sealKey,
    RETINA_TEST_TIMING: JSON.stringify({ ...flow.timing, ...timing }),
  }
  const words = ['--config', flow.file, '--role', 'worker', '--hold']
  const { child, stderr, ended } = startCli(words, env, join(import.meta.dirname, 'killable-program.ts'))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  atEnd(kill)
  return {
    kill,
    async start() {
      child.stdin?.write('start\n')
      await startedOn(stderr, ended)
    },
  }
}
