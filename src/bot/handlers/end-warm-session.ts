import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { updateResult } from '#src/lifecycle/update-result'
import { endShell } from './terminal-sessions.ts'

/**
 * Ends the warm container that a person's own run left or reused. The run's own message shows it; a reply is sent only
 * where there is nothing to end.
 */
export async function endSession(context: BotContext, ctx: CommandContext, id: string): Promise<void> {
  const { person, reply, typed } = ctx
  const run = await context.store.run(id)
  if (run === 'broken') {
    await reply(runChanged(typed.text, id))
    return
  }
  if (run === undefined || !canManageRun(person, run)) {
    await reply(runNotFound(typed.text, id))
    return
  }
  if (run.terminal !== undefined) return endShell(context, ctx, run)
  const sessionRef = context.sessions.read(run)
  const { name: by } = person
  const record = {
    why: 'requested',
    ...(sessionRef === undefined || sessionRef === 'forged' ? {} : { pod: sessionRef.session.pod }),
  }
  await context.audit('session-ended', id, person.id, record)
  const wasEnded =
    sessionRef !== undefined &&
    sessionRef !== 'forged' &&
    (await context.sessions.end(sessionRef, { by, why: 'requested' }))
  await removeEndButton(context, run)
  if (wasEnded) return
  await reply({ kind: 'refused', typed: typed.text, message: `There is no warm session for run ${id}.` })
}

/** Removes the button that ends the session from the run's message. */
async function removeEndButton(
  context: Pick<BotContext, 'store' | 'adapters' | 'log' | 'catalogue'>,
  run: Run,
): Promise<void> {
  if (run.kept === undefined || run.end === undefined) return
  const ended = verified(await context.store.changeRun(run.id, ({ kept: _kept, ...rest }) => rest))
  if (ended?.end !== undefined) await updateResult(context, ended, ended.end)
}
