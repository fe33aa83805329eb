import type { FanOut } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import { type Run, runCan } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runNotFound } from '#src/bot/runs/access'
import { ownFanOut } from '#src/bot/runs/own-fan-outs'
import { announceUnstartedLate, endUnstartedRun } from '#src/lifecycle/end-unstarted'

/** Cancels a run of one's own, waiting or running. The run's own message shows the ending; words answer only when nothing is to be done. */
export async function cancelRun(context: BotContext, ctx: CommandContext, id: string): Promise<void> {
  const run = await context.store.run(id)
  const typed = ctx.inbound.text
  const fanOut = run === undefined ? await ownFanOut(context, ctx.person, id) : undefined
  if (fanOut !== undefined) return cancelFanOut(context, ctx, fanOut)
  if (run === undefined || !canManageRun(ctx.person, run)) {
    await ctx.say(runNotFound(typed, id))
    return
  }
  if (ctx.again && run.end?.reason === 'canceled') {
    // By ourselves, before we were cut off; what was told twice reads the same.
    if (run.startedAt === undefined) await announceUnstartedLate(context, run)
    return
  }
  if (!runCan('cancel', run)) {
    await ctx.say({ kind: 'refused', typed, message: `Run ${id} has ended already; there is nothing to cancel.` })
    return
  }
  await end(context, ctx.person, run)
}

/** Cancels all runs that have not ended; the cancel bus reaches those that a worker has. */
async function cancelFanOut(
  context: BotContext,
  { person, say, inbound }: CommandContext,
  fanOut: FanOut,
): Promise<void> {
  const runs = await Promise.all(fanOut.members.map(({ run }) => context.store.run(run)))
  const open = runs.filter((run) => run !== undefined && runCan('cancel', run))
  if (open.length === 0) {
    const message = `All runs of ${fanOut.id} have ended already; there is nothing to cancel.`
    await say({ kind: 'refused', typed: inbound.text, message })
    return
  }
  // The last ones first: those that begin next are still in the queue then.
  for (const run of open.toReversed()) if (run !== undefined) await end(context, person, run)
}

async function end(context: BotContext, { id: person, name }: Principal, run: Run): Promise<void> {
  const { id } = run
  await context.span(id, 'audit-cancel', () => context.audit('canceled', id, person, {}))
  context.log.info({ run: id, person }, 'cancel asked')
  if (run.state === 'asking') {
    const why = { reason: 'canceled' as const, message: `withdrawn by ${name}` }
    await context.span(id, 'end-request', () => endUnstartedRun(context, run, 'asking', why))
    return
  }
  await context.span(id, 'cancel', () => context.cancelBus.cancel(id, name))
  // A worker that has the run hears the bus and tells the ending; one that waits is ended here, or was taken out before.
  const removed = await context.span(id, 'dequeue', () => context.queue.remove(id))
  if (removed || !(await context.queue.has(id))) {
    const why = { reason: 'canceled' as const, message: `canceled by ${name} before it started` }
    await context.span(id, 'end-unstarted', () => endUnstartedRun(context, run, 'queued', why))
  }
}
