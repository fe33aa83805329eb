import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import type { Run } from '#core/runs/run'

/** Of a run that isn't there, and of one that isn't theirs to know of. */
export function runNotFound(typed: string, id: string): Message {
  return { kind: 'refused', typed, message: `You have no run ${id}. \`runs\` lists yours.` }
}

/** Who asked for a run may cancel, see and repeat it. */
export function canManageRun(person: Principal, run: Run): boolean {
  return run.request.by.id === person.id
}
