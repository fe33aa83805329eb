import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import type { Run } from '#core/runs/run'

/** Returns the refusal for a run that doesn't exist, and for one that the person may not know of. */
export function runNotFound(typed: string, id: string): Message {
  return { kind: 'refused', typed, message: `You have no run ${id}. \`runs\` lists yours.` }
}

/** Returns the refusal for a run, or a fan-out, that something other than this program changed in the store. */
export function runChanged(typed: string, id: string): Message {
  const message = `Run ${id} was changed in Redis by something other than this program, so it is not used. This is recorded; tell the owner of the bot.`
  return { kind: 'refused', typed, message }
}

/** Returns true for the requester of a run, who may cancel, view and repeat it. */
export function canManageRun(person: Principal, run: Run): boolean {
  return run.request.by.id === person.id
}
