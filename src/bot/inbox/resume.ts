import type { Message } from '#core/messages/message'
import type { CommandLease } from '#core/ports/inbox'
import { maxQueueWaitMs, type Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { runChanged } from '#src/bot/runs/access'
import { enqueueSaved } from '#src/bot/runs/enqueue'
import { announceUnstartedLate } from '#src/lifecycle/end-unstarted'
import { hasFinalReply } from './reply.ts'

const interrupted = 'The bot was interrupted just as this came in. Nothing was run; send it again if you still need it.'
const tooLate =
  'The bot was down for more than five minutes after this came in. Nothing was run; send it again if you still need it.'

/**
 * Completes a command whose process died, as far as it was saved. Returns false where nothing was saved that prevents
 * handling the command from the start.
 */
export async function resume(
  context: BotContext,
  lease: CommandLease,
  ctx: Pick<CommandContext, 'reply' | 'markSaved'>,
): Promise<boolean> {
  const { id, inbound } = lease
  context.log.info({ command: id }, 'command taken over from an interrupted bot')
  if (hasFinalReply(lease)) return true
  const run = await context.store.run(id)
  if (run === 'broken') {
    await ctx.reply(runChanged(inbound.text, id))
    return true
  }
  if (run !== undefined) {
    ctx.markSaved()
    await completeRun(context, run)
    return true
  }
  const refused = (message: string): Message => ({ kind: 'refused', message, typed: inbound.text })
  if (lease.as === 'unsure') {
    await ctx.reply(refused(interrupted))
    return true
  }
  const isLate = context.now().getTime() - Date.parse(inbound.at) > maxQueueWaitMs
  if (!isLate || lease.savedStep('stands') === true) return false
  // Leaves a started fan-out to workers: they report the runs that never ran.
  if ((await context.store.getValue('fan-out', id)) === undefined) await ctx.reply(refused(tooLate))
  return true
}

/** Completes a saved run. Its message exists in every state: a run is saved after its message is written. */
async function completeRun(context: BotContext, run: Run): Promise<void> {
  // A request that was approved meanwhile is released by the process that handled the approval.
  const needsEnqueue = run.state === 'queued' && run.approval === undefined
  if (needsEnqueue && !(await context.queue.has(run.id))) await enqueueSaved(context, run)
  if (run.end !== undefined && run.startedAt === undefined && run.toldAt === undefined)
    await announceUnstartedLate(context, run)
}
