import {
  type FanOut,
  fanOutMessage,
  isComplete,
  type Outcome,
  openFanOutsKey,
  outcomesKey,
} from '#core/fan-out/fan-out'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { keepSeconds, longestWait } from '#core/runs/run'
import { readOutcomes, saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import type { WorkerContext } from '#src/worker/context'
import { allOutputs } from './all-outputs.ts'

/**
 * Brings the message of each fan-out up to date, until all of its runs have ended. Every worker does this all the time; whoever
 * comes first does it, at the platform's pace, so that it goes on whichever worker dies.
 */
export async function updateFanOutsJob(context: WorkerContext): Promise<void> {
  const open = await context.store.fields(openFanOutsKey)
  await Promise.all(
    [...open].map(async ([id, text]) => {
      const fanOut = JSON.parse(text) as FanOut
      const adapter = context.adapters.get(fanOut.message.platform)
      if (adapter === undefined) return
      const pace = Math.max(adapter.limits.editInterval, context.timing.fanOutEditMs) / 1_000
      if (!(await context.store.acquireLock(`fan-out-pace:${id}`, pace))) return
      if (!(await context.store.acquireLock(`fan-out:${id}`, context.timing.fanOutLeaseMs / 1_000))) return
      try {
        await bringUpToDate(context, adapter, fanOut)
      } finally {
        await context.store.releaseLock(`fan-out:${id}`)
      }
    }),
  )
}

async function bringUpToDate(context: WorkerContext, adapter: ChatAdapter, fanOut: FanOut): Promise<void> {
  const { id, message } = fanOut
  const outcomes = await readOutcomes(context.store, id)
  const complete = isComplete(fanOut, outcomes)
  if (!complete && (await context.store.acquireLock(`fan-out-check:${id}`, context.timing.fanOutCheckMs / 1_000)))
    await check(context, fanOut, outcomes)
  const text = complete && adapter.limits.fileBytes > 0 ? await allOutputs(context.store, fanOut, outcomes) : undefined
  const file = text === undefined ? undefined : `${id}.txt`
  const notice = fanOutMessage(fanOut, outcomes, file)
  const shown = context.hash(notice)
  if ((await context.store.get(`fan-out-shown:${id}`)) === shown) return
  try {
    await adapter.edit(message, notice)
  } catch (error) {
    if (!(error instanceof ChatError) || !error.permanent) {
      context.log.debug({ fanOut: id, error: String(error) }, 'a fan-out could not be shown yet')
      return
    }
    context.log.error({ fanOut: id, error: error.message }, 'a fan-out can never be shown in its thread')
  }
  await context.store.set(`fan-out-shown:${id}`, shown, keepSeconds)
  if (!complete) return
  await context.store.deleteField(openFanOutsKey, id)
  if (text === undefined || file === undefined) return
  await adapter.attach(message, { name: file, title: `All outputs of ${id}`, text }).catch((error: unknown) => {
    context.log.error({ fanOut: id, error: String(error) }, 'all outputs could not be attached')
  })
}

/** Runs whose end was not noted, as whoever ended them died before; and those that were never queued, as the bot did. */
async function check(context: WorkerContext, fanOut: FanOut, outcomes: ReadonlyMap<string, Outcome>): Promise<void> {
  const late = context.now().getTime() - fanOut.at > longestWait
  for (const { run: id } of fanOut.members) {
    if (outcomes.get(id)?.reason !== undefined) continue
    const run = await context.store.run(id)
    if (run?.end !== undefined) await saveOutcome(context, run, run.end)
    else if (run === undefined && late) {
      const never: Outcome = { reason: 'lost', said: 'it was never queued, so nothing was run' }
      await context.store.setField(outcomesKey(fanOut.id), id, JSON.stringify(never), keepSeconds)
    }
  }
}
