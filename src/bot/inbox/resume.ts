import { fanOutKey } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import type { CommandLease } from '#core/ports/inbox'
import { longestWait, type Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { intoQueue } from '#src/bot/runs/enqueue'
import { announceUnstartedLate } from '#src/lifecycle/end-unstarted'
import { hasFinalReply } from './reply.ts'

const interrupted =
  'The bot was interrupted just as this came in, so it was not looked at. Nothing was run; ask again if you still want it.'
const tooLate =
  'The bot was away, and more than five minutes have passed, so this was not looked at. Nothing was run; ask again if you still want it.'

/**
 * A command whose holder was cut off: what stands of it is brought to its end. False where nothing stands that would be in the way
 * of beginning anew.
 */
export async function resume(
  context: BotContext,
  held: CommandLease,
  ctx: Pick<CommandContext, 'say' | 'stands'>,
): Promise<boolean> {
  const { id, inbound } = held
  context.log.info({ command: id }, 'taken over: whoever had it was cut off')
  if (hasFinalReply(held)) return true
  const run = await context.store.run(id)
  if (run !== undefined) {
    ctx.stands()
    await finish(context, run)
    return true
  }
  const refused = (message: string): Message => ({ kind: 'refused', message, typed: inbound.text })
  if (held.as === 'unsure') {
    await ctx.say(refused(interrupted))
    return true
  }
  const late = context.now().getTime() - Date.parse(inbound.at) > longestWait
  if (!late || held.savedStep('stands') === true) return false
  // Of a fan-out that was begun, workers say themselves what never ran.
  if ((await context.store.get(fanOutKey(id))) === undefined) await ctx.say(refused(tooLate))
  return true
}

/** Whatever its state, its message stands: it was saved after that. */
async function finish(context: BotContext, run: Run): Promise<void> {
  // A request that was approved meanwhile is released by the process that handled the approval.
  const isOurs = run.state === 'queued' && run.approval === undefined
  if (isOurs && !(await context.queue.has(run.id))) await intoQueue(context, run)
  if (run.end !== undefined && run.startedAt === undefined && run.toldAt === undefined)
    await announceUnstartedLate(context, run)
}
