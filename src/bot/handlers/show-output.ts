import { createHash } from 'node:crypto'
import type { Message } from '#core/messages/message'
import { isSameChannel, type ThreadRef } from '#core/messages/thread-ref'
import { outputPager } from '#core/output/output-page'
import type { Principal } from '#core/people/principal'
import { targetText } from '#core/request/target'
import type { Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import { formatPipeline } from '#core/util/quote'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { raiseAlarm } from '#src/lifecycle/report-tampering'

/**
 * Returns a page of a run's output, or the lines of it that contain some words; nothing runs again. Allowed for the
 * requester of the run, and for people in the channel of its message, where the whole output was attached.
 */
export async function showOutput(
  context: Pick<BotContext, 'store' | 'adapters' | 'log' | 'audit'>,
  ctx: CommandContext,
  asked: { id: string; page: number; words?: string },
): Promise<Message> {
  const { id, words } = asked
  const run = await context.store.run(id)
  const typed = ctx.typed.text
  if (run === 'broken') return runChanged(typed, id)
  if (run === undefined || !canViewOutput(ctx.person, run, ctx.inbound.thread)) return runNotFound(typed, id)
  if (run.end === undefined) {
    return { kind: 'refused', typed, message: `Run ${id} has not ended yet; its message shows the output so far.` }
  }
  const chars = context.adapters.get(ctx.inbound.thread.platform)?.limits.outputChars ?? 1_000
  const pager = outputPager(asked, chars)
  const digest = createHash('sha256')
  for await (const piece of context.store.transcriptPieces(id)) {
    pager.add(piece)
    digest.update(piece)
  }
  const page = pager.page()
  const changed = run.output !== undefined && digest.digest('hex') !== run.output.sha256
  if (changed) await raiseAlarm(context, id, run.request.by.id, 'the stored output was changed')
  const what = `${formatPipeline(run.spec.pipeline)} on ${targetText(run.request.target)}`
  return {
    kind: 'output',
    run: id,
    what,
    ...page,
    ...(changed ? { changed } : {}),
    ...defined({ words }),
  }
}

/**
 * Returns true for the requester of a run, and for people in the channel of its message: its output was shown there.
 */
export function canViewOutput(person: Principal, run: Run, thread: ThreadRef): boolean {
  return isSameChannel(run.message, thread) || canManageRun(person, run)
}
