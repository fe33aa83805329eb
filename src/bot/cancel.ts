import { endUnrun } from '#core/end-unrun'
import type { Principal } from '#core/request'
import { type Run, runCan } from '#core/run'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'

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
  const { name } = talk.person
  if (run.state === 'asking') {
    await endUnrun(house, run, 'asking', { reason: 'canceled', message: `withdrawn by ${name}` })
    return
  }
  await house.cancelBus.cancel(id, name)
  // A worker that has the run hears the bus and tells the ending; one that waits is ended here.
  if (await house.queue.remove(id)) {
    await endUnrun(house, run, 'queued', { reason: 'canceled', message: `canceled by ${name} before it started` })
  }
}

/** Who asked for a run may cancel, see and repeat it. */
export function mayTouch(person: Principal, run: Run): boolean {
  return run.request.by.id === person.id
}
