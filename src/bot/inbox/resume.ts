import type { Message } from '#core/messages/message'
import type { CommandLease } from '#core/ports/inbox'
import { verified } from '#core/ports/store'
import { maxQueueWaitMs, type Run } from '#core/runs/run'
import { resumeReview } from '#src/bot/approvals/review'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged } from '#src/bot/runs/access'
import { enqueueSaved } from '#src/bot/runs/enqueue'
import { resumeFanOut } from '#src/bot/shell/fan-out'
import type { ParseError } from '#src/command/parsed-shell-command'
import type { Command } from '#src/command/words/all-words'
import { currentPause } from '#src/lifecycle/current-pause'
import { announceUnstartedLate } from '#src/lifecycle/end-unstarted'
import { hasFinalReply } from './reply.ts'

const interrupted = 'The bot was interrupted just as this came in. Nothing was run; send it again if you still need it.'
const tooLate =
  'The bot was down for more than five minutes after this came in. Nothing was run; send it again if you still need it.'

/**
 * All that a bot completes of a command that another bot began and left. `resumeSaved` comes first, before anybody is
 * identified; then `resumeCommand`, once the command is parsed; what neither completes is carried out from its beginning.
 */

/**
 * Completes a command whose run was saved, or that needs nothing more than its reply. Returns false where nothing was
 * saved that prevents handling the command from the start.
 */
export async function resumeSaved(
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

/**
 * Completes a parsed command that has changed something already. Returns false where it hasn't, or where something keeps
 * it from being completed, which its handler replies.
 */
export async function resumeCommand(
  context: BotContext,
  ctx: CommandContext,
  command: Command | ParseError,
): Promise<boolean> {
  switch (command.verb) {
    case 'fan-out':
      return !command.dryRun && (await currentPause(context)) === undefined && resumeFanOut(context, ctx, command)
    case 'cancel':
      return resumeCancel(context, ctx, command.id)
    case 'end':
      return hasEndedShell(context, ctx, command.id)
    case 'approve':
    case 'deny':
      return resumeReview(context, ctx, command.id, command.verb)
    default:
      return false
  }
}

/** Shows the ending of a run that the command has canceled; showing it twice is harmless. */
async function resumeCancel(context: BotContext, { person }: CommandContext, id: string): Promise<boolean> {
  const run = verified(await context.store.run(id))
  if (run?.end?.reason !== 'canceled' || !canManageRun(person, run)) return false
  if (run.startedAt === undefined) await announceUnstartedLate(context, run)
  return true
}

/** Returns true where the command has nothing left to do: the session ended, and its message shows that. */
async function hasEndedShell(context: Pick<BotContext, 'store'>, { person }: CommandContext, id: string) {
  const run = verified(await context.store.run(id))
  return run?.terminal !== undefined && run.end !== undefined && canManageRun(person, run)
}
