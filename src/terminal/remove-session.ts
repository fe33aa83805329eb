import type { TerminalWork } from '#core/ports/terminal'
import type { Run } from '#core/runs/run'
import { containerGraceSeconds } from '#core/terminal/terminal-session'
import { forgetSession } from '#src/lifecycle/open-sessions'
import type { TerminalContext } from './context.ts'

/** Returns what a session's container is made of. */
export function toTerminalWork({ id, spec, request }: Run): TerminalWork {
  return { id, spec, by: request.by, maxSeconds: spec.deadline + containerGraceSeconds }
}

/** Removes the container of an ended session, and the session from the list. Rejects where the cluster can't be reached: it is tried again. */
export async function removeSession(context: TerminalContext, run: Run): Promise<void> {
  await context.containers.remove(toTerminalWork(run))
  await context.store.changeRun(run.id, (saved) =>
    saved.terminal === undefined ? undefined : { ...saved, terminal: { ...saved.terminal, removed: true } },
  )
  await forgetSession(context.store, run.id)
}
