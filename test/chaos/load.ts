import { delay } from '#core/util/delay'
import { slackPeople } from '#test/fakes/slack/send'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import type { SlackMessage } from '#test/fakes/slack/state'
import type { ChaosEnvironment } from './environment.ts'
import { type CommandKind, commandKinds } from './kinds.ts'
import { nodes } from './plan.ts'
import type { Random } from './random.ts'

/** A command that was sent, and the response to its request. */
export type SentCommand = {
  token: string
  kind: CommandKind
  /** How many lines its tool prints. */
  lines: number
  /**
   * `accepted`: acknowledged. `refused`: the immediate response says that nothing is run. `unanswered`: the connection broke, as when
   * a bot dies while it handles the request; Slack then shows the sender that the command failed.
   */
  response: 'accepted' | 'refused' | 'unanswered'
  /** Resolves when the sender and the approver have pressed their buttons, if the command needs that. */
  done: Promise<void>
}

/** Outputs of tools: number of lines, and the milliseconds over which they are written. */
const outputs = [
  { lines: 3, over: 100 },
  { lines: 5, over: 400 },
  { lines: 20, over: 2_000 },
  { lines: 40, over: 4_000 },
  { lines: 2_000, over: 500 },
] as const

/** Returns a token that identifies a command in messages, in its text and in the requests of its tool. */
const newToken = (serial: number, random: Random) => `t${serial}x${random.between(100_000, 999_999)}`
export const tokenIn = (text: string) => /\bt\d+x\d{6}\b/.exec(text)?.[0]

/** Time for which pressing a button is tried. */
const pressTimeoutMs = 30_000

/** Sends a random command by a request with Slack's signature; `given` sets its kind. */
export async function sendCommand(
  context: ChaosEnvironment,
  random: Random,
  given?: CommandKind,
): Promise<SentCommand> {
  const token = newToken(context.nextSerial(), random)
  const kind = given ?? (random.between(1, 8) === 1 ? random.pick(commandKinds) : 'shell')
  const { lines, over } = kind === 'cancel' ? outputs[3] : random.pick(outputs)
  const address = `${context.tools.address}/${token}/${lines}/${over * context.pace.toolTimeFactor}`
  const text = textOf(context, kind, address, random)
  const needsApproval = kind === 'approval' || kind === 'withdraw'
  const user = needsApproval ? 'U0ALICE' : random.pick(['U0ALICE', 'U0BOB'])
  const channel = random.pick(['C0INCIDENT', 'C0OTHER'])
  const people = await peopleOf(context, random)
  try {
    const { status, body } = await people.command(user, text, channel)
    const response = status !== 200 || /nothing was run/i.test(body) ? 'refused' : 'accepted'
    const done = response === 'accepted' ? pressButton(context, random, { kind, token, user }) : Promise.resolve()
    return { token, kind, lines, response, done }
  } catch {
    return { token, kind, lines, response: 'unanswered', done: Promise.resolve() }
  }
}

function textOf({ pod }: ChaosEnvironment, kind: CommandKind, address: string, random: Random): string {
  switch (kind) {
    case 'approval':
    case 'withdraw':
      return `shell ${random.pick(nodes)} wget -qO- ${address}`
    case 'fan-out':
      return `shell -l kubernetes.io/os=linux curl -sS ${address}`
    default: {
      const target = random.between(1, 10) === 1 ? `-n default pod/${pod}` : random.pick(nodes)
      return `shell ${target} curl -sS ${address}`
    }
  }
}

async function peopleOf(context: ChaosEnvironment, random: Random) {
  const bot = await context.fleet.bot(random)
  return slackPeople(context.slack, () => `http://127.0.0.1:${bot.port}/slack/events`)
}

type Sender = { kind: CommandKind; token: string; user: string }

/** Presses the button that belongs to the kind of command, until the button is gone: a bot may die while it handles a press. */
async function pressButton(context: ChaosEnvironment, random: Random, { kind, token, user }: Sender): Promise<void> {
  if (kind === 'shell' || kind === 'fan-out') return
  const [who, action] = kind === 'approval' ? (['U0BOB', 'approve'] as const) : ([user, 'cancel'] as const)
  for (const until = Date.now() + pressTimeoutMs; Date.now() < until; await delay(500)) {
    const message = messageOf(context, token)
    if (message === undefined) continue
    if (buttonsOf(message)[action] === undefined) return
    const people = await peopleOf(context, random)
    // The button may be gone by now, or the bot may be dying.
    await Promise.resolve(message)
      .then((now) => people.press(who, action, now))
      .catch(() => undefined)
  }
}

function messageOf({ slack }: ChaosEnvironment, token: string): SlackMessage | undefined {
  return inChannels(slack.state.messages).findLast(
    (message) => message.only === undefined && shown(message).includes(token),
  )
}
