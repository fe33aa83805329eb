import { mayReview } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { resultMessage } from '#core/messages/result-message'
import { approvalRequestMessage, runCard } from '#core/messages/run-card'
import { sessionMessage } from '#core/messages/session-message'
import { noOutput } from '#core/output/output-view'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { ownFanOut } from '#src/bot/runs/own-fan-outs'
import { readTyped } from '#src/command/command-text-and-tokens'
import { loadSummary, readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { loadVerifiedOutput } from '#src/lifecycle/verify-output'

/** Returns the current state of a person's own run, with the end of its output. */
export async function showRun(context: BotContext, ctx: CommandContext, id: string): Promise<Message> {
  const run = await context.store.run(id)
  const fanOut = run === undefined ? await ownFanOut(context, ctx.person, id) : undefined
  if (run === 'broken' || fanOut === 'broken') return runChanged(ctx.typed.text, id)
  if (fanOut !== undefined) return (await loadSummary(context, fanOut, await readOutcomes(context.store, id))).summary
  // Shows a request to its reviewers too.
  const canDecide = run?.approval !== undefined && run.state === 'asking' && mayReview(run.approval, ctx.person)
  if (run === undefined || !(canDecide || canManageRun(ctx.person, run))) return runNotFound(ctx.typed.text, id)
  const card = runCard(run)
  const limit = context.adapters.get(ctx.inbound.thread.platform)?.limits.outputChars ?? 1_000
  if (run.approval !== undefined && run.state === 'asking')
    return {
      ...approvalRequestMessage(run, run.approval, context.now().toISOString()),
      mayDecide: canDecide && !canManageRun(ctx.person, run),
    }
  if (run.terminal !== undefined) return sessionMessage(run, context.now().toISOString())
  if (run.end === undefined) {
    if (run.startedAt === undefined) return { kind: 'queued', run: card }
    const elapsed = (context.now().getTime() - Date.parse(run.startedAt)) / 1_000
    return { kind: 'running', run: card, output: noOutput, elapsed }
  }
  const stored = await loadVerifiedOutput(context.store, run)
  if (stored.changed) await raiseAlarm(context, id, run.request.by.id, 'the stored output was changed')
  return resultMessage(run, run.end, stored, limit, context.catalogue)
}

/** Runs the same command text again, as a new command of the person who asks: it is authorized again. */
export async function rerun(
  context: Pick<BotContext, 'store'>,
  ctx: CommandContext,
  id: string,
  handle: (ctx: CommandContext) => Promise<void>,
): Promise<void> {
  const run = await context.store.run(id)
  const fanOut = run === undefined ? await ownFanOut(context, ctx.person, id) : undefined
  if (run === 'broken' || fanOut === 'broken') {
    await ctx.reply(runChanged(ctx.typed.text, id))
    return
  }
  const own = run !== undefined && canManageRun(ctx.person, run) ? run.request.typed : undefined
  const typed = run === undefined ? fanOut?.typed : own
  if (typed === undefined) {
    await ctx.reply(runNotFound(ctx.typed.text, id))
    return
  }
  // Reads the text as its original platform writes it, which may differ from the platform of this command.
  const { text, entities } = typed
  await handle({ ...ctx, source: { kind: 'rerun', run: id }, typed: readTyped(text, entities) })
}
