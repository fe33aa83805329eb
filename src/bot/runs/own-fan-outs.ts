import type { FanOut } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import type { StoredValue } from '#core/ports/store'
import type { BotContext } from '#src/bot/context'

/** Returns a person's own fan-out; undefined where there is none, or it is another person's. */
export async function ownFanOut(
  context: Pick<BotContext, 'store'>,
  person: Principal,
  id: string,
): Promise<StoredValue<FanOut>> {
  const fanOut = await context.store.getValue('fan-out', id)
  if (fanOut === 'broken') return 'broken'
  return fanOut?.by.id === person.id ? fanOut : undefined
}

/** Maximum number of fan-outs that are stored per person. */
const maxFanOuts = 20

/** Returns a person's newest fan-outs of the last days; removes the ids of older ones beyond the maximum. */
export async function ownFanOuts(context: Pick<BotContext, 'store'>, person: Principal): Promise<readonly FanOut[]> {
  const stored = await context.store.fields('fan-outs-of', person.id)
  const all = [...stored].flatMap(([id, value]) => (value === 'broken' ? [] : [{ id, at: value.at }]))
  const newest = all.sort((one, other) => other.at - one.at).map(({ id }) => id)
  for (const id of newest.slice(maxFanOuts)) await context.store.deleteField('fan-outs-of', person.id, id)
  const fanOuts = await Promise.all(newest.slice(0, maxFanOuts).map((id) => ownFanOut(context, person, id)))
  return fanOuts.filter((fanOut) => fanOut !== undefined && fanOut !== 'broken')
}
