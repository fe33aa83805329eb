import { freePort } from '#dev/machine/free-port'
import { startCli } from '#test/cli/run-cli'
import { slackPeople } from '#test/fakes/slack/send'
import { startFakeSlack } from '#test/fakes/slack/server'
import { inChannels } from '#test/fakes/slack/shown'
import { waitUntil } from '#test/flow/wait-for'
import { deployedEnv } from './deployed.ts'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram, startedPort } from './program.ts'

const commandsPerSecond = 200
const loadSeconds = 10

/**
 * Measures from a signed request to its HTTP 200, with 200 commands per second, each of which is authorized, queued and answered in its
 * thread.
 */
export async function benchAck(): Promise<Measure> {
  const program = await openProgram(
    { cluster: 'name: dev', more: 'limits: { perPerson: 10000, perChannel: 100000, queue: 100000 }' },
    { simulated: 'bot' },
  )
  const own = await load(program.people)
  // Acknowledging a command and dropping it would be fast too.
  const allDelivered = () => inChannels(program.slack.state.messages).length >= commandsPerSecond * loadSeconds
  await waitUntil('each command has a message in its thread', allDelivered)
  await program.stop()
  const slack = await startFakeSlack()
  const bolt = startCli([String(await freePort())], deployedEnv(), `${import.meta.dirname}/bare-bolt.ts`)
  const port = await startedPort(bolt.stderr, bolt.ended)
  const bare = await load(slackPeople(slack, () => `http://127.0.0.1:${port}/slack/events`))
  bolt.child.kill()
  await slack.close()
  const figures = figuresOf(own)
  return {
    name: `acknowledgement at ${commandsPerSecond} commands per second`,
    own: figures,
    peers: [{ what: 'Bolt alone', figures: figuresOf(bare) }],
    notes: {
      'p99 in milliseconds, target 50': Math.round(figures.p99 * 10) / 10,
      'longest in milliseconds, Slack times out at 3000': Math.round(figures.longest),
    },
  }
}

/** Sends requests at fixed times, whether or not earlier ones were answered. Resolves with the milliseconds of each. */
async function load(people: ReturnType<typeof slackPeople>): Promise<number[]> {
  const took: number[] = []
  const send = async (text: string) => {
    const begun = performance.now()
    const { status } = await people.command('U0ALICE', text)
    if (status !== 200) throw new Error(`answered with ${status}`)
    took.push(performance.now() - begun)
  }
  // Warms up connections and code before the measured requests.
  for (let at = 0; at < 50; at++) await send(`shell node001 dig warm${at}.example`)
  took.length = 0
  const sent: Promise<void>[] = []
  const begun = performance.now()
  for (let at = 0; at < commandsPerSecond * loadSeconds; at++) {
    const due = begun + (at * 1_000) / commandsPerSecond
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1))
    sent.push(send(`shell node001 dig host${at}.example`))
  }
  await Promise.all(sent)
  return took
}
