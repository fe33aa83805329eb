import { sessionMessage } from '#core/messages/session-message'
import { verified } from '#core/ports/store'
import { minutesLeft } from '#core/terminal/terminal-session'
import { updateMessage } from '#src/lifecycle/update-message'
import type { TerminalContext } from './context.ts'

/**
 * Edits a session's message when its text about the time that is left changes. The session may end meanwhile: its end is
 * shown again where this edit may have replaced it.
 */
export async function showTimeLeft(
  context: Pick<TerminalContext, 'store' | 'adapters' | 'log' | 'now'>,
  id: string,
): Promise<void> {
  const run = verified(await context.store.run(id))
  if (run?.terminal === undefined || run.state !== 'running') return
  const now = context.now().toISOString()
  const minutes = minutesLeft(run.terminal, now)
  const total = minutesLeft(run.terminal, run.startedAt ?? now)
  if (minutes >= total || !(await context.store.acquireLock(`terminal-shown:${id}:${minutes}`, 3_600))) return
  await updateMessage(context, run.message, sessionMessage(run, now))
  const after = verified(await context.store.run(id))
  if (after?.end !== undefined) await updateMessage(context, after.message, sessionMessage(after, now))
}
