import { slackPeople } from '#test/fakes/slack/send'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import type { SlackMessage } from '#test/fakes/slack/state'
import type { ChaosEnvironment } from './environment.ts'
import { pause } from './fleet.ts'
import { type Kind, kinds } from './kinds.ts'
import { nodes } from './plan.ts'
import type { Random } from './random.ts'

/** A command that somebody typed, and what became of the request. */
export type SentCommand = {
  token: string
  kind: Kind
  /** How many lines its tool prints. */
  lines: number
  /**
   * `accepted`: acknowledged. `refused`: it was said at once that nothing is run. `unanswered`: the connection broke, as when
   * a bot dies over it, and Slack tells whoever asked that it failed.
   */
  fate: 'accepted' | 'refused' | 'unanswered'
  /** Resolves when whoever asked, and whoever approves, have done what they do about it afterwards. */
  done: Promise<void>
}

/** Lines, and the milliseconds over which they come. */
const shapes = [
  { lines: 3, over: 100 },
  { lines: 5, over: 400 },
  { lines: 20, over: 2_000 },
  { lines: 40, over: 4_000 },
  { lines: 2_000, over: 500 },
] as const

/** By which a command is known in messages, in what was typed and to the server that its tool asks. */
const newToken = (serial: number, random: Random) => `t${serial}x${random.between(100_000, 999_999)}`
export const tokenIn = (text: string) => /\bt\d+x\d{6}\b/.exec(text)?.[0]

/** Milliseconds for which somebody tries to press a button. */
const patience = 30_000

/** Somebody asks for a tool on some target, by a request with Slack's signature. */
export async function sendCommand(context: ChaosEnvironment, random: Random, given?: Kind): Promise<SentCommand> {
  const token = newToken(context.nextSerial(), random)
  const kind = given ?? (random.between(1, 8) === 1 ? random.pick(kinds) : 'shell')
  const { lines, over } = kind === 'cancel' ? shapes[3] : random.pick(shapes)
  const address = `${context.tools.address}/${token}/${lines}/${over * context.pace.toolTime}`
  const text = textOf(context, kind, address, random)
  const waits = kind === 'approval' || kind === 'withdraw'
  const user = waits ? 'U0ALICE' : random.pick(['U0ALICE', 'U0BOB'])
  const channel = random.pick(['C0INCIDENT', 'C0OTHER'])
  const people = await peopleOf(context, random)
  try {
    const { status, body } = await people.command(user, text, channel)
    const fate = status !== 200 || /nothing was run/i.test(body) ? 'refused' : 'accepted'
    const done = fate === 'accepted' ? afterwards(context, random, { kind, token, user }) : Promise.resolve()
    return { token, kind, lines, fate, done }
  } catch {
    return { token, kind, lines, fate: 'unanswered', done: Promise.resolve() }
  }
}

function textOf({ pod }: ChaosEnvironment, kind: Kind, address: string, random: Random): string {
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

type What = { kind: Kind; token: string; user: string }

/** Presses the button that the command is about, again for as long as it is there: whoever presses may meet a bot that dies. */
async function afterwards(context: ChaosEnvironment, random: Random, { kind, token, user }: What): Promise<void> {
  if (kind === 'shell' || kind === 'fan-out') return
  const [who, action] = kind === 'approval' ? (['U0BOB', 'approve'] as const) : ([user, 'cancel'] as const)
  for (const until = Date.now() + patience; Date.now() < until; await pause(500)) {
    const message = messageOf(context, token)
    if (message === undefined) continue
    if (buttonsOf(message)[action] === undefined) return
    const people = await peopleOf(context, random)
    // The button may be gone by now, or the bot that is asked just dying.
    await Promise.resolve(message)
      .then((now) => people.press(who, action, now))
      .catch(() => undefined)
  }
}

function messageOf({ slack }: ChaosEnvironment, token: string): SlackMessage | undefined {
  return slack.state.messages.findLast((message) => message.only === undefined && shown(message).includes(token))
}
