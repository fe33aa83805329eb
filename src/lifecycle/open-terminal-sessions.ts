import type { Store } from '#core/ports/store'
import { type Target, targetText } from '#core/request/target'
import type { Run } from '#core/runs/run'

/** Key under which all open sessions are listed. */
const all = 'all'
/** Seconds for which a session stays listed after its time is up, so that what it left is removed. */
const graceSeconds = 3_600

type SessionStore = Pick<Store, 'setField' | 'fields' | 'deleteField'>

/** Returns a target as it is listed. */
export function sessionTarget(target: Target): string {
  return `${target.cluster} ${targetText(target)}`
}

/** Lists a session as open, so that it is found without reading all runs. */
export async function rememberSession(store: SessionStore, { id, request, terminal }: Run): Promise<void> {
  if (terminal === undefined) return
  const { by, target } = request
  const seconds = (Date.parse(terminal.until) - Date.parse(terminal.activeAt)) / 1_000 + graceSeconds
  const listed = { person: by.id, target: sessionTarget(target), until: terminal.until }
  await store.setField('open-sessions', all, id, listed, seconds)
}

/** Removes a session from the list, once its container is removed. */
export async function forgetSession(store: SessionStore, id: string): Promise<void> {
  await store.deleteField('open-sessions', all, id)
}

export type ListedSession = { id: string; person: string; target: string; until: string }

/** Returns the listed sessions: open ones, and those whose container is yet to be removed. */
export async function listedSessions(store: SessionStore): Promise<readonly ListedSession[]> {
  const listed = await store.fields('open-sessions', all)
  return [...listed].flatMap(([id, value]) => (value === 'broken' ? [] : [{ id, ...value }]))
}
