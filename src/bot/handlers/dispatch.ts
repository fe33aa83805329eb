import type { Message } from '#core/messages/message'
import { isInThread } from '#core/ports/chat'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { refuseWhilePaused } from '#src/bot/runs/refuse-while-paused'
import type { ParseError } from '#src/command/parsed-shell-command'
import type { Command } from '#src/command/words/all-words'
import { type HandleAgain, handleActing, handleAnswering, isAnswering } from './handler-by-word.ts'

/** Handles a parsed command. `again`: carries out the command of a run that is repeated. */
export async function dispatch(
  context: BotContext,
  ctx: CommandContext,
  command: Command | ParseError,
  again: HandleAgain,
): Promise<void> {
  if (await refuseWhilePaused(context, ctx, command)) return
  if (command.verb === 'misunderstood') {
    context.count('misunderstood')
    await ctx.reply(parseErrorMessage(command, ctx.typed.text))
  } else if (isAnswering(command)) {
    // In a thread, others follow what is shown; in a channel, it is for the person who asked.
    await ctx.reply(
      await handleAnswering(context, ctx, command.verb, command),
      isInThread(ctx.inbound) ? undefined : 'toPerson',
    )
  } else {
    await handleActing(context, ctx, command.verb, command, again)
  }
}

export function parseErrorMessage({ message, suggestion }: ParseError, typed: string): Message {
  return { kind: 'misunderstood', message, typed, ...defined({ suggestion }) }
}
