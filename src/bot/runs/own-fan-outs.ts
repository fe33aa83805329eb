import { type FanOut, fanOutKey } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import type { BotContext } from '#src/bot/context'

/** Where a person's own are remembered. */
export const fanOutsOf = (person: string): string => `fan-outs-of:${person}`

/** A fan-out of one's own; undefined where there is none, or it is somebody else's. */
export async function ownFanOut(context: BotContext, person: Principal, id: string): Promise<FanOut | undefined> {
  const text = await context.store.get(fanOutKey(id))
  const fanOut = text === undefined ? undefined : (JSON.parse(text) as FanOut)
  return fanOut?.by.id === person.id ? fanOut : undefined
}

/** Those that are remembered of a person. */
const listed = 20

/** The newest that a person has begun in the last days. */
export async function ownFanOuts(context: BotContext, person: Principal): Promise<readonly FanOut[]> {
  const all = [...(await context.store.fields(fanOutsOf(person.id)))]
  const newest = all.sort(([, one], [, other]) => Number(other) - Number(one)).map(([id]) => id)
  for (const id of newest.slice(listed)) await context.store.deleteField(fanOutsOf(person.id), id)
  const kept = await Promise.all(newest.slice(0, listed).map((id) => ownFanOut(context, person, id)))
  return kept.filter((fanOut) => fanOut !== undefined)
}
