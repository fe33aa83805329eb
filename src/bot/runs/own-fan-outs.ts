import { type FanOut, fanOutKey } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import type { BotContext } from '#src/bot/context'

/** Returns the key of the ids of a person's fan-outs. */
export const fanOutsKey = (person: string): string => `fan-outs-of:${person}`

/** Returns a person's own fan-out; undefined where there is none, or it is another person's. */
export async function ownFanOut(context: BotContext, person: Principal, id: string): Promise<FanOut | undefined> {
  const text = await context.store.get(fanOutKey(id))
  const fanOut = text === undefined ? undefined : (JSON.parse(text) as FanOut)
  return fanOut?.by.id === person.id ? fanOut : undefined
}

/** Maximum number of fan-outs that are stored per person. */
const maxFanOuts = 20

/** Returns a person's newest fan-outs of the last days; removes the ids of older ones beyond the maximum. */
export async function ownFanOuts(context: BotContext, person: Principal): Promise<readonly FanOut[]> {
  const all = [...(await context.store.fields(fanOutsKey(person.id)))]
  const newest = all.sort(([, one], [, other]) => Number(other) - Number(one)).map(([id]) => id)
  for (const id of newest.slice(maxFanOuts)) await context.store.deleteField(fanOutsKey(person.id), id)
  const fanOuts = await Promise.all(newest.slice(0, maxFanOuts).map((id) => ownFanOut(context, person, id)))
  return fanOuts.filter((fanOut) => fanOut !== undefined)
}
