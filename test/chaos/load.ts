import { slackPeople } from '#test/fakes/slack/send'
import type { House } from './house.ts'
import { nodes } from './plan.ts'
import type { Random } from './random.ts'

/** A command that somebody typed, and what became of the request. */
export type Asked = {
  token: string
  /** How many lines its tool prints. */
  lines: number
  /**
   * `accepted`: acknowledged. `refused`: it was said at once that nothing is run. `unanswered`: the connection broke, as when
   * a bot dies over it, and Slack tells whoever asked that it failed.
   */
  fate: 'accepted' | 'refused' | 'unanswered'
}

/** Lines, and the milliseconds over which they come. */
const shapes = [
  { lines: 3, over: 100 },
  { lines: 5, over: 400 },
  { lines: 20, over: 2_000 },
  { lines: 40, over: 4_000 },
  { lines: 2_000, over: 500 },
] as const

export const chaosPod = 'chaos-target'

/** Somebody asks for a tool on some target, by a request with Slack's signature. */
export async function ask(house: House, random: Random, serial: number): Promise<Asked> {
  const token = `t${serial}x${random.between(100_000, 999_999)}`
  const { lines, over } = random.pick(shapes)
  const target = random.between(1, 10) === 1 ? `-n default pod/${chaosPod}` : random.pick(nodes)
  const user = random.pick(['U0ALICE', 'U0BOB'])
  const channel = random.pick(['C0INCIDENT', 'C0OTHER'])
  const bot = await house.fleet.bot(random)
  const people = slackPeople(house.slack, () => `http://127.0.0.1:${bot.port}/slack/events`)
  const text = `shell ${target} curl -sS ${house.tools.address}/${token}/${lines}/${over}`
  try {
    const { status, body } = await people.command(user, text, channel)
    const fate = status !== 200 || /nothing was run/i.test(body) ? 'refused' : 'accepted'
    return { token, lines, fate }
  } catch {
    return { token, lines, fate: 'unanswered' }
  }
}
