import { type FanOut, fanOutNotice, isComplete, type Outcome, openFanOuts, outcomesOf } from '#core/fan-out/fan-out'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { keepSeconds, longestWait } from '#core/runs/run'
import { noteOutcome, readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import type { WorkerHouse } from '#src/worker/context'
import { allOutputs } from './all-outputs.ts'

/**
 * Brings the message of each fan-out up to date, until all of its runs have ended. Every worker does this all the time; whoever
 * comes first does it, at the platform's pace, so that it goes on whichever worker dies.
 */
export async function lookAfterFanOuts(house: WorkerHouse): Promise<void> {
  const open = await house.store.notes(openFanOuts)
  await Promise.all(
    [...open].map(async ([id, text]) => {
      const fanOut = JSON.parse(text) as FanOut
      const adapter = house.adapters.get(fanOut.message.platform)
      if (adapter === undefined) return
      const pace = Math.max(adapter.limits.editInterval, house.timing.fanOutEditMs) / 1_000
      if (!(await house.store.claim(`fan-out-pace:${id}`, pace))) return
      if (!(await house.store.claim(`fan-out:${id}`, house.timing.fanOutLeaseMs / 1_000))) return
      try {
        await bringUpToDate(house, adapter, fanOut)
      } finally {
        await house.store.release(`fan-out:${id}`)
      }
    }),
  )
}

async function bringUpToDate(house: WorkerHouse, adapter: ChatAdapter, fanOut: FanOut): Promise<void> {
  const { id, message } = fanOut
  const outcomes = await readOutcomes(house.store, id)
  const complete = isComplete(fanOut, outcomes)
  if (!complete && (await house.store.claim(`fan-out-check:${id}`, house.timing.fanOutCheckMs / 1_000)))
    await check(house, fanOut, outcomes)
  const text = complete && adapter.limits.fileBytes > 0 ? await allOutputs(house.store, fanOut, outcomes) : undefined
  const file = text === undefined ? undefined : `${id}.txt`
  const notice = fanOutNotice(fanOut, outcomes, file)
  const shown = house.hash(notice)
  if ((await house.store.kept(`fan-out-shown:${id}`)) === shown) return
  try {
    await adapter.edit(message, notice)
  } catch (error) {
    if (!(error instanceof ChatError) || !error.permanent) {
      house.log.debug({ fanOut: id, error: String(error) }, 'a fan-out could not be shown yet')
      return
    }
    house.log.error({ fanOut: id, error: error.message }, 'a fan-out can never be shown in its thread')
  }
  await house.store.keep(`fan-out-shown:${id}`, shown, keepSeconds)
  if (!complete) return
  await house.store.strike(openFanOuts, id)
  if (text === undefined || file === undefined) return
  await adapter.attach(message, { name: file, title: `All outputs of ${id}`, text }).catch((error: unknown) => {
    house.log.error({ fanOut: id, error: String(error) }, 'all outputs could not be attached')
  })
}

/** Runs whose end was not noted, as whoever ended them died before; and those that were never queued, as the bot did. */
async function check(house: WorkerHouse, fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): Promise<void> {
  const late = house.now().getTime() - fanOut.at > longestWait
  for (const { run: id } of fanOut.members) {
    if (outcomes.get(id)?.reason !== undefined) continue
    const run = await house.store.run(id)
    if (run?.end !== undefined) await noteOutcome(house, run, run.end)
    else if (run === undefined && late) {
      const never: Outcome = { reason: 'lost', said: 'it was never queued, so nothing was run' }
      await house.store.note(outcomesOf(fanOut.id), id, JSON.stringify(never), keepSeconds)
    }
  }
}
