import type { FanOut } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import { verified } from '#core/ports/store'
import { runCan } from '#core/runs/actions'
import type { Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { ownFanOut } from '#src/bot/runs/own-fan-outs'
import { endUnstartedRun } from '#src/lifecycle/end-unstarted'
import { endShell } from './terminal-sessions.ts'

/**
 * Cancels a person's own run, waiting or running. The run's own message shows the ending; a reply is sent only where
 * there is nothing to cancel.
 */
export async function cancelRun(context: BotContext, ctx: CommandContext, id: string): Promise<void> {
  const run = await context.store.run(id)
  const typed = ctx.typed.text
  const fanOut = run === undefined ? await ownFanOut(context, ctx.person, id) : undefined
  if (run === 'broken' || fanOut === 'broken') {
    await ctx.reply(runChanged(typed, id))
    return
  }
  if (fanOut !== undefined) return cancelFanOut(context, ctx, fanOut)
  if (run === undefined || !canManageRun(ctx.person, run)) {
    await ctx.reply(runNotFound(typed, id))
    return
  }
  if (run.terminal !== undefined && run.state === 'running') return endShell(context, ctx, run)
  if (!runCan('cancel', run)) {
    await ctx.reply({ kind: 'refused', typed, message: `Run ${id} has already ended; there is nothing to cancel.` })
    return
  }
  await cancelOne(context, ctx.person, run)
}

/** Cancels all runs of a fan-out that have not ended; the cancel bus reaches those that a worker has. */
async function cancelFanOut(
  context: BotContext,
  { person, reply, typed }: CommandContext,
  fanOut: FanOut,
): Promise<void> {
  const runs = await Promise.all(fanOut.members.map(async ({ run }) => verified(await context.store.run(run))))
  const unfinished = runs.filter((run) => run !== undefined && runCan('cancel', run))
  if (unfinished.length === 0) {
    const message = `All runs of ${fanOut.id} have already ended; there is nothing to cancel.`
    await reply({ kind: 'refused', typed: typed.text, message })
    return
  }
  // Cancels in reverse order: the runs that would start next are then still in the queue.
  for (const run of unfinished.toReversed()) if (run !== undefined) await cancelOne(context, person, run)
}

async function cancelOne(context: BotContext, { id: person, name }: Principal, run: Run): Promise<void> {
  const { id } = run
  await context.span(id, 'audit-cancel', () => context.audit('canceled', id, person, {}))
  context.log.info({ run: id, person }, 'cancel requested')
  if (run.state === 'asking') {
    const why = { reason: 'canceled' as const, message: `withdrawn by ${name}` }
    await context.span(id, 'end-request', () => endUnstartedRun(context, run, 'asking', why))
    return
  }
  await context.span(id, 'cancel', () => context.cancelBus.cancel(id, name))
  // A worker that has the run receives the cancellation and shows the ending. A waiting run is ended here, or was
  // removed from the queue before.
  const removed = await context.span(id, 'dequeue', () => context.queue.remove(id))
  if (removed || !(await context.queue.has(id))) {
    const why = { reason: 'canceled' as const, message: `canceled by ${name} before it started` }
    await context.span(id, 'end-unstarted', () => endUnstartedRun(context, run, 'queued', why))
  }
}
