import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import { mayReplay } from '#core/policy/replay-right'
import type { SessionRecording } from '#core/recording/session-recording'
import { targetText } from '#core/request/target'
import { secondsText, sizeText } from '#core/util/units'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import type { CommandOf } from '#src/command/words/all-words'

type Context = Pick<BotContext, 'store' | 'rules' | 'now' | 'replays'>

/** Maximum number of recordings in one answer. */
const maxRows = 20

/** Returns the recordings that a person may see, the newest first. */
export async function listRecordings(
  context: Context,
  person: Principal,
  command: CommandOf<'recordings'>,
): Promise<Message> {
  const found = (await visibleRecordings(context, person))
    .filter((each) => isAskedFor(each, command, context.now()))
    .toSorted((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt))
  const rows = found.slice(0, maxRows).map((each) => {
    const seconds = (Date.parse(each.endedAt) - Date.parse(each.startedAt)) / 1_000
    const size = sizeText(each.upTo - each.from)
    return [each.id, each.startedAt.slice(0, 16), each.by.name, targetText(each.target), secondsText(seconds), size]
  })
  const more = found.length > maxRows ? ` ${found.length - maxRows} older ones are left out; narrow by --since.` : ''
  const note =
    rows.length === 0
      ? 'There is no such recording that you may see.'
      : `\`replay ID\` sends you a private link to one.${more}`
  return {
    kind: 'listing',
    title: 'Recordings',
    columns: ['id', 'began', 'person', 'target', 'time', 'output'],
    rows,
    note,
  }
}

/** Returns a link to the replay of a recording that only the person who asks for it can use. */
export async function replayLink(context: Context, ctx: CommandContext, id: string): Promise<Message> {
  const { person, inbound } = ctx
  const typed = ctx.typed.text
  if (context.replays === undefined)
    return {
      kind: 'refused',
      typed,
      message: 'This bot opens no shells: "terminal: { url }" is not set in retina.yaml.',
    }
  const found = (await visibleRecordings(context, person)).find((each) => each.id === id)
  if (found === undefined)
    return {
      kind: 'refused',
      typed,
      message: `There is no recording ${id} that you may see. \`recordings\` lists yours.`,
    }
  const { account, thread } = inbound
  const link = await context.replays.link({ run: id, by: { id: person.id, name: person.name }, account, thread })
  return { kind: 'replay-link', run: id, who: person.name, target: targetText(found.target), link }
}

async function visibleRecordings({ store, rules, now }: Context, person: Principal): Promise<SessionRecording[]> {
  const all = await store.fields('recordings', 'all')
  const at = now().toISOString()
  return [...all.values()].flatMap((each) =>
    each !== 'broken' && mayReplay(person, each, rules().policy, at) ? [each] : [],
  )
}

function isAskedFor(
  recording: SessionRecording,
  { target, person, since }: CommandOf<'recordings'>,
  now: Date,
): boolean {
  const text = targetText(recording.target)
  const isOn = target === undefined || text === target || text.endsWith(`/${target}`)
  const names = [recording.by.id, recording.by.name].map((each) => each.toLowerCase())
  const isBy = person === undefined || names.some((each) => each.includes(person.replace(/^@/, '').toLowerCase()))
  return isOn && isBy && Date.parse(recording.startedAt) >= sinceMs(since, now)
}

function sinceMs(since: CommandOf<'recordings'>['since'], now: Date): number {
  if (since === undefined) return Number.NEGATIVE_INFINITY
  return 'at' in since ? Date.parse(since.at) : now.getTime() - since.hours * 3_600_000
}
