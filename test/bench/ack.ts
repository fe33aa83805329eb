import { freePort } from '#dev/machine/redis'
import { startCli } from '#test/cli/run-cli'
import { slackPeople } from '#test/fakes/slack/send'
import { startFakeSlack } from '#test/fakes/slack/server'
import { waitUntil } from '#test/flow/wait-for'
import { deployedEnv } from './deployed.ts'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import { openProgram, startedOn } from './program.ts'

const perSecond = 200
const seconds = 10

/** A signed request until its HTTP 200, while 200 commands a second come, each of which is decided, queued and told. */
export async function benchAck(): Promise<Measure> {
  const program = await openProgram(
    { cluster: 'name: dev', more: 'limits: { perPerson: 10000, perChannel: 100000, queue: 100000 }' },
    { simulated: 'bot' },
  )
  const own = await load(program.people)
  // Acknowledged and forgotten would be fast too.
  const told = () => program.slack.state.messages.length >= perSecond * seconds
  await waitUntil('each is told in its thread', told, 60)
  await program.stop()
  const slack = await startFakeSlack()
  const bolt = startCli([String(await freePort())], deployedEnv(), `${import.meta.dirname}/bare-bolt.ts`)
  const port = await startedOn(bolt.stderr, bolt.ended)
  const bare = await load(slackPeople(slack, () => `http://127.0.0.1:${port}/slack/events`))
  bolt.child.kill()
  await slack.close()
  const figures = figuresOf(own)
  return {
    name: `acknowledgement at ${perSecond} commands a second`,
    own: figures,
    peers: [{ what: 'Bolt alone', figures: figuresOf(bare) }],
    notes: {
      'p99 in milliseconds, target 50': Math.round(figures.p99 * 10) / 10,
      'longest, Slack gives up after 3000': Math.round(figures.longest),
    },
  }
}

/** Requests leave at their time, whether or not those before were answered. */
async function load(people: ReturnType<typeof slackPeople>): Promise<number[]> {
  const took: number[] = []
  const send = async (text: string) => {
    const begun = performance.now()
    const { status } = await people.command('U0ALICE', text)
    if (status !== 200) throw new Error(`answered with ${status}`)
    took.push(performance.now() - begun)
  }
  // Connections and code are warm before it counts.
  for (let at = 0; at < 50; at++) await send(`shell node001 dig warm${at}.example`)
  took.length = 0
  const sent: Promise<void>[] = []
  const begun = performance.now()
  for (let at = 0; at < perSecond * seconds; at++) {
    const due = begun + (at * 1_000) / perSecond
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1))
    sent.push(send(`shell node001 dig host${at}.example`))
  }
  await Promise.all(sent)
  return took
}
