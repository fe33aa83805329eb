import { fileOf, resultMessage } from '#core/messages/result-message'
import type { Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runNotFound } from '#src/bot/runs/access'
import { updateMessage } from '#src/lifecycle/update-message'

/**
 * Has the container ended that stayed ready after a run of one's own, or that the run went into. The run's own message shows it;
 * words answer only when nothing is to be done.
 */
export async function endSession(
  context: BotContext,
  { person, say, inbound }: CommandContext,
  id: string,
): Promise<void> {
  const run = await context.store.run(id)
  if (run === undefined || !canManageRun(person, run)) {
    await say(runNotFound(inbound.text, id))
    return
  }
  const place = context.sessions.read(run)
  const { name: by } = person
  const record = { why: 'asked for', ...(place === undefined || place === 'forged' ? {} : { pod: place.session.pod }) }
  await context.audit('session-ended', id, person.id, record)
  const stood =
    place !== undefined && place !== 'forged' && (await context.sessions.end(place, { by, why: 'asked for' }))
  await forget(context, run)
  if (stood) return
  await say({ kind: 'refused', typed: inbound.text, message: `Nothing stands ready after run ${id} any more.` })
}

/** Takes the button away. */
async function forget(context: BotContext, run: Run): Promise<void> {
  if (run.kept === undefined || run.end === undefined) return
  const ended = await context.store.changeRun(run.id, ({ kept: _kept, ...rest }) => rest)
  const limits = context.adapters.get(run.message.platform)?.limits
  if (ended?.end === undefined || limits === undefined) return
  const stored = await context.store.storedOutput(run.id)
  const notice = resultMessage(ended, ended.end, stored, limits.outputChars, context.catalogue)
  await updateMessage(context, run.message, { ...notice, ...fileOf(run, notice.output, stored.size, limits) })
}
