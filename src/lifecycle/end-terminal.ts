import { sessionMessage } from '#core/messages/session-message'
import type { Store } from '#core/ports/store'
import type { TerminalBus } from '#core/ports/terminal-bus'
import { hideInRun } from '#core/runs/hide-in-run'
import type { End, RecordedOutput, Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { AuditContext } from './audit-writer.ts'
import { decideOnRun } from './change-run.ts'
import { type MessageContext, updateMessage } from './update-message.ts'

export type EndTerminalContext = MessageContext &
  Pick<AuditContext, 'audit'> & { store: Pick<Store, 'changeRun'>; terminalBus: TerminalBus; now: () => Date }

/** Why a session ends. `message` completes "it ended because …"; `by`: the person who acts, if it is one. */
export type TerminalEnd = Pick<End, 'reason' | 'exitCode' | 'message'> & { by?: string; output?: RecordedOutput }

/**
 * Ends an open session in the store, records it, tells the process that has its connection, and shows it in the chat. The terminal role
 * removes the container. Returns false where it had ended before.
 */
export async function endTerminal(context: EndTerminalContext, run: Run, why: TerminalEnd): Promise<boolean> {
  const at = context.now().toISOString()
  const { reason, exitCode, message, by = run.request.by.id, output } = why
  const end: End = {
    ...{ reason, at, complete: true },
    ...defined({ exitCode, message }),
  }
  const saved = await decideOnRun(context.store, run.id, (now) => {
    const isEndedHere = now.state === 'running' && now.terminal !== undefined
    const ended = hideInRun({ ...now, state: 'ended', end, ...defined({ output }) })
    return { next: isEndedHere ? ended : undefined, found: isEndedHere }
  })
  if (saved === undefined || saved === 'broken' || !saved.found) return false
  const { run: ended } = saved
  await context.audit('ended', run.id, by, {
    ...{ reason, message: message ?? '' },
    ...(exitCode === undefined ? {} : { exitCode: String(exitCode) }),
    ...(output === undefined ? {} : { bytes: String(output.bytes), sha256: output.sha256 }),
  })
  await context.terminalBus.changed(run.id)
  if (await updateMessage(context, ended.message, sessionMessage(ended, at)))
    await context.store.changeRun(run.id, (saved) => ({ ...saved, toldAt: at }))
  return true
}
