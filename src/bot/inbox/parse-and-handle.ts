import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { dispatch } from '#src/bot/handlers/dispatch'
import { targetWords, threadTarget } from '#src/bot/runs/thread-target'
import { withWordsBefore } from '#src/command/command-text-and-tokens'
import { parse } from '#src/command/parse'
import { parseOnTarget } from '#src/command/parse-without-target'
import { resumeCommand } from './resume.ts'

/**
 * Carries out the command of an identified person: parses it, then replies or enqueues a run. `isRetry`: another process
 * began it before and died, so what it has done already is completed, not done again.
 */
export async function parseAndHandle(context: BotContext, ctx: CommandContext, isRetry: boolean): Promise<void> {
  const { on, command } = await parseInThread(context, ctx)
  if (isRetry && (await resumeCommand(context, on, command))) return
  await dispatch(context, on, command, (again) => parseAndHandle(context, again, isRetry))
}

/** Parses a command, on the target of its thread where it names none. */
async function parseInThread(context: BotContext, ctx: CommandContext) {
  const { typed } = ctx
  const command = parse(typed, context.catalogue)
  const targetless = command.verb === 'misunderstood' && command.code === 'missing-target'
  const target = targetless ? await threadTarget(context, ctx) : undefined
  if (target === undefined) return { on: ctx, command }
  // The text that is recorded names the target, so that the command can be repeated anywhere.
  const onTarget = withWordsBefore(['shell', ...targetWords(target)], typed)
  return { on: { ...ctx, typed: onTarget }, command: parseOnTarget(typed, target, context.catalogue) }
}
