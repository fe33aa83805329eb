import type { Run } from '#core/runs/run'
import { minutesLeft } from '#core/terminal/terminal-session'
import { showOpenSession } from '#src/lifecycle/show-open-session'
import type { TerminalContext } from './context.ts'

/** Edits a session's message when its text about the time that is left changes. `run`: as it was read a while ago. */
export async function showTimeLeft(
  context: Pick<TerminalContext, 'store' | 'adapters' | 'log' | 'now'>,
  run: Run,
): Promise<void> {
  if (run.terminal === undefined) return
  const now = context.now().toISOString()
  const minutes = minutesLeft(run.terminal, now)
  const total = minutesLeft(run.terminal, run.startedAt ?? now)
  if (minutes >= total || !(await context.store.acquireLock(`terminal-shown:${run.id}:${minutes}`, 3_600))) return
  await showOpenSession(context, run)
}
