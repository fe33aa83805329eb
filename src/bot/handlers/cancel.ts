import type { FanOut } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import { type Run, runCan } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { mayTouch, noSuchRun } from '#src/bot/runs/access'
import { ownFanOut } from '#src/bot/runs/own-fan-outs'
import { endUnrun, tellUnrunLate } from '#src/lifecycle/end-unstarted'

/** Cancels a run of one's own, waiting or running. The run's own message shows the ending; words answer only when nothing is to be done. */
export async function cancelRun(house: House, talk: Conversation, id: string): Promise<void> {
  const run = await house.store.run(id)
  const typed = talk.inbound.text
  const fanOut = run === undefined ? await ownFanOut(house, talk.person, id) : undefined
  if (fanOut !== undefined) return cancelFanOut(house, talk, fanOut)
  if (run === undefined || !mayTouch(talk.person, run)) {
    await talk.say(noSuchRun(typed, id))
    return
  }
  if (talk.again && run.end?.reason === 'canceled') {
    // By ourselves, before we were cut off; what was told twice reads the same.
    if (run.startedAt === undefined) await tellUnrunLate(house, run)
    return
  }
  if (!runCan('cancel', run)) {
    await talk.say({ kind: 'refused', typed, message: `Run ${id} has ended already; there is nothing to cancel.` })
    return
  }
  await end(house, talk.person, run)
}

/** All that have not ended; one that a worker has is told by the cancel bus, as a single one is. */
async function cancelFanOut(house: House, { person, say, inbound }: Conversation, fanOut: FanOut): Promise<void> {
  const runs = await Promise.all(fanOut.members.map(({ run }) => house.store.run(run)))
  const open = runs.filter((run) => run !== undefined && runCan('cancel', run))
  if (open.length === 0) {
    const message = `All runs of ${fanOut.id} have ended already; there is nothing to cancel.`
    await say({ kind: 'refused', typed: inbound.text, message })
    return
  }
  // The last ones first: those that begin next are still in the queue then.
  for (const run of open.toReversed()) if (run !== undefined) await end(house, person, run)
}

async function end(house: House, { id: person, name }: Principal, run: Run): Promise<void> {
  const { id } = run
  await house.span(id, 'record that it is canceled', () => house.audit('canceled', id, person, {}))
  house.log.info({ run: id, person }, 'cancel asked')
  if (run.state === 'asking') {
    const why = { reason: 'canceled' as const, message: `withdrawn by ${name}` }
    await house.span(id, 'end the request', () => endUnrun(house, run, 'asking', why))
    return
  }
  await house.span(id, 'call off', () => house.cancelBus.cancel(id, name))
  // A worker that has the run hears the bus and tells the ending; one that waits is ended here, or was taken out before.
  const removed = await house.span(id, 'out of the queue', () => house.queue.remove(id))
  if (removed || !(await house.queue.has(id))) {
    const why = { reason: 'canceled' as const, message: `canceled by ${name} before it started` }
    await house.span(id, 'end what never started', () => endUnrun(house, run, 'queued', why))
  }
}
