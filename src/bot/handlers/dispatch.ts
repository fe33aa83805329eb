import type { Message } from '#core/messages/message'
import { isInThread } from '#core/ports/chat'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { refuseWhilePaused } from '#src/bot/runs/refuse-while-paused'
import { formatTarget, threadTarget } from '#src/bot/runs/thread-target'
import type { ParseError } from '#src/command/command'
import { parse } from '#src/command/parse'
import { parseOnTarget } from '#src/command/parse-without-target'
import type { Command } from '#src/command/words/table'
import { handleActing, handleAnswering, isAnswering } from './table.ts'

/** Handles the text of an identified person: parses it, then replies or enqueues a run. */
export async function handleText(context: BotContext, ctx: CommandContext): Promise<void> {
  const { inbound, entities } = ctx
  const command = parse({ text: inbound.text, entities }, context.catalogue)
  const targetless = command.verb === 'misunderstood' && command.code === 'missing-target'
  const target = targetless ? await threadTarget(context, ctx) : undefined
  if (target === undefined) return dispatch(context, ctx, command)
  const merged = parseOnTarget({ text: inbound.text, entities }, target, context.catalogue)
  // The text that is recorded names the target, so that the command can be repeated anywhere.
  const text = `shell ${formatTarget(target)} ${inbound.text.trim()}`
  return dispatch(context, { ...ctx, inbound: { ...inbound, text } }, merged)
}

/** Handles a command that is parsed already. */
export async function dispatch(context: BotContext, ctx: CommandContext, command: Command | ParseError): Promise<void> {
  if (await refuseWhilePaused(context, ctx, command)) return
  if (command.verb === 'misunderstood') {
    context.count('misunderstood')
    await ctx.reply(parseErrorMessage(command, ctx.inbound.text))
  } else if (isAnswering(command)) {
    // In a thread, others follow what is shown; in a channel, it is for the person who asked.
    await ctx.reply(
      await handleAnswering(context, ctx, command.verb, command),
      isInThread(ctx.inbound) ? undefined : 'toPerson',
    )
  } else {
    await handleActing(context, ctx, command.verb, command, (again) => handleText(context, again))
  }
}

export function parseErrorMessage({ message, suggestion }: ParseError, typed: string): Message {
  return { kind: 'misunderstood', message, typed, ...defined({ suggestion }) }
}
