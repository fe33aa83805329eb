import type { Principal } from '#core/request'
import { type End, type Run, runCan } from '#core/run'
import { runCard } from '#core/run-card'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'
import { showDecision } from './on-review.ts'

/** Cancels a run of one's own, waiting or running. The run's own message shows the ending; words answer only when nothing is to be done. */
export async function cancelRun(house: House, talk: Conversation, id: string): Promise<void> {
  const run = await house.store.run(id)
  const typed = talk.inbound.text
  if (run === undefined || !mayTouch(talk.person, run)) {
    await talk.say({ kind: 'refused', typed, message: `You have no run ${id}. \`runs\` lists yours.` })
    return
  }
  if (!runCan('cancel', run)) {
    await talk.say({ kind: 'refused', typed, message: `Run ${id} has ended already; there is nothing to cancel.` })
    return
  }
  await house.audit('canceled', id, talk.person.id, {})
  house.log.info({ run: id, person: talk.person.id }, 'cancel asked')
  if (run.state === 'asking') return withdraw(house, talk.person, id)
  await house.cancelBus.cancel(id, talk.person.name)
  // A worker that has the run hears the bus and tells the ending; one that waits is ended here.
  if (await house.queue.remove(id)) await endWaiting(house, talk.person, id)
}

/** Who asked for approval takes the question back. */
async function withdraw(house: House, person: Principal, id: string): Promise<void> {
  const at = house.now().toISOString()
  const end: End = { reason: 'canceled', at, message: `withdrawn by ${person.name}`, complete: true }
  const run = await house.store.changeRun(id, (saved) =>
    saved.state === 'asking' ? { ...saved, state: 'ended', end, toldAt: at } : undefined,
  )
  if (run !== undefined) await showDecision(house, run, at)
}

async function endWaiting(house: House, person: Principal, id: string): Promise<void> {
  const at = house.now().toISOString()
  const message = `canceled by ${person.name} before it started`
  const run = await house.store.changeRun(id, (saved) =>
    saved.state === 'ended'
      ? undefined
      : { ...saved, state: 'ended', end: { reason: 'canceled', at, message, complete: true }, toldAt: at },
  )
  if (run?.end === undefined) return
  const output = { tail: '', linesBefore: 0, lines: 0, bytes: 0, redacted: 0 }
  await house.adapters
    .get(run.message.platform)
    ?.edit(run.message, { kind: 'ended', run: runCard(run), end: run.end, duration: 0, output })
}

/** Who asked for a run may cancel, see and repeat it. */
export function mayTouch(person: Principal, run: Run): boolean {
  return run.request.by.id === person.id
}
