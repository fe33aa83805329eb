import { join } from 'node:path'
import { startedOn } from '#test/bench/program'
import { startCli } from '#test/cli'
import { slackPeople } from '#test/fakes/slack/send'
import { appToken, botToken, signingSecret } from '#test/fakes/slack/state'
import type { Flow } from './house.ts'
import { sealKey } from './settings.ts'

/** Where it is killed: `before:` or `after:`, and the name of a span. */
export type Deadly = `${'before' | 'after'}:${string}`

/** A bot or a worker in a process of its own, beside the program of this flow, on the same Redis and the same Slack; it kills itself at that step. */
export async function openKillable(flow: Flow, redis: string, kill: Deadly, role: 'bot' | 'worker' = 'bot') {
  const env = {
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_APP_TOKEN: appToken,
    RETINA_SEAL_KEY: sealKey,
    REDIS_URL: redis,
    RETINA_TEST_KILL: kill,
    RETINA_TEST_TIMING: JSON.stringify(flow.timing),
  }
  const one = startCli(['--config', flow.file, '--role', role], env, join(import.meta.dirname, 'killable.ts'))
  const port = await startedOn(one.stderr, one.ended).catch((error: unknown) => {
    one.child.kill('SIGKILL')
    throw error
  })
  return {
    people: slackPeople(flow.slack, () => `http://127.0.0.1:${port}/slack/events`),
    /** Resolves when it is dead; rejects where it isn't in time. */
    async dead() {
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error(`still alive, ${kill}:\n${one.stderr()}`)), 20_000).unref()
      })
      try {
        await Promise.race([one.ended, late])
      } finally {
        one.child.kill('SIGKILL')
      }
    },
  }
}

/** What the bot is asked, and whether that was acknowledged before it died. */
export function acknowledged(asking: Promise<{ status: number }>): Promise<boolean> {
  return asking.then(
    ({ status }) => status === 200,
    () => false,
  )
}
