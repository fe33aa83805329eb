import { sessionMessage } from '#core/messages/session-message'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { minutesLeft } from '#core/terminal/terminal-session'
import { updateMessage } from '#src/lifecycle/update-message'
import type { TerminalContext } from './context.ts'

/**
 * Edits a session's message when its text about the time that is left changes. The session may end meanwhile: its end is
 * shown again where this edit may have replaced it. `run`: as it was read a while ago.
 */
export async function showTimeLeft(
  context: Pick<TerminalContext, 'store' | 'adapters' | 'log' | 'now'>,
  run: Run,
): Promise<void> {
  if (run.terminal === undefined) return
  const now = context.now().toISOString()
  const minutes = minutesLeft(run.terminal, now)
  const total = minutesLeft(run.terminal, run.startedAt ?? now)
  if (minutes >= total || !(await context.store.acquireLock(`terminal-shown:${run.id}:${minutes}`, 3_600))) return
  const current = async () => verified(await context.store.run(run.id))
  const before = await current()
  if (before?.state !== 'running') return
  await updateMessage(context, before.message, sessionMessage(before, now))
  const after = await current()
  if (after?.end !== undefined) await updateMessage(context, after.message, sessionMessage(after, now))
}
