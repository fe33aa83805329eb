import { type FanOut, keptFanOut } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import type { House } from '#src/bot/context'

/** Where a person's own are remembered. */
export const fanOutsOf = (person: string): string => `fan-outs-of:${person}`

/** A fan-out of one's own; undefined where there is none, or it is somebody else's. */
export async function ownFanOut(house: House, person: Principal, id: string): Promise<FanOut | undefined> {
  const text = await house.store.kept(keptFanOut(id))
  const fanOut = text === undefined ? undefined : (JSON.parse(text) as FanOut)
  return fanOut?.by.id === person.id ? fanOut : undefined
}

/** Those that are remembered of a person. */
const listed = 20

/** The newest that a person has begun in the last days. */
export async function ownFanOuts(house: House, person: Principal): Promise<readonly FanOut[]> {
  const all = [...(await house.store.notes(fanOutsOf(person.id)))]
  const newest = all.sort(([, one], [, other]) => Number(other) - Number(one)).map(([id]) => id)
  for (const id of newest.slice(listed)) await house.store.strike(fanOutsOf(person.id), id)
  const kept = await Promise.all(newest.slice(0, listed).map((id) => ownFanOut(house, person, id)))
  return kept.filter((fanOut) => fanOut !== undefined)
}
