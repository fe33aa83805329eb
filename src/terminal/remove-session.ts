import { sessionMessage } from '#core/messages/session-message'
import { verified } from '#core/ports/store'
import type { TerminalWork } from '#core/ports/terminal'
import type { Run } from '#core/runs/run'
import { containerSeconds } from '#core/terminal/terminal-session'
import { defined } from '#core/util/defined'
import { forgetSession } from '#src/lifecycle/open-terminal-sessions'
import { updateMessage } from '#src/lifecycle/update-message'
import type { TerminalJobsContext } from './context.ts'
import { finishRecording } from './finish-recording.ts'

/** Returns what a session's container is made of. */
export function toTerminalWork({ id, spec, request }: Run): TerminalWork {
  return { id, spec, by: request.by, maxSeconds: containerSeconds(spec.deadline) }
}

/**
 * Removes the container of an ended session, closes its recording, and removes the session from the list once its end is shown. Rejects where the cluster can't be reached: the
 * sweep tries again.
 */
export async function removeSession(context: TerminalJobsContext, run: Run): Promise<void> {
  await context.containers.remove(toTerminalWork(run))
  const ended = verified(await context.store.run(run.id)) ?? run
  const recording = await finishRecording(context, ended)
  const removed = await context.store.changeRun(run.id, (saved) =>
    saved.terminal === undefined
      ? undefined
      : { ...saved, terminal: { ...saved.terminal, removed: true, ...defined({ recording }) } },
  )
  const shown = verified(removed)
  if (shown !== undefined && recording !== undefined && shown.terminal?.recording !== undefined)
    await updateMessage(context, shown.message, sessionMessage(shown, context.now().toISOString()))
  if (shown?.toldAt !== undefined) await forgetSession(context.store, run.id)
}
