import { pauseText } from '#core/runs/pause'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import type { ParseError } from '#src/command/parsed-shell-command'
import { isRunning } from '#src/command/starts-run'
import type { Command } from '#src/command/words/all-words'
import { currentPause } from '#src/lifecycle/current-pause'

/** Refuses a command that would start runs while all runs are paused; returns true where it did, and where. */
export async function refuseWhilePaused(
  context: Pick<BotContext, 'store' | 'rules' | 'count' | 'audit'>,
  ctx: CommandContext,
  command: Command | ParseError,
): Promise<boolean> {
  if (!startsRuns(command)) return false
  const pause = await currentPause(context)
  if (pause === undefined) return false
  const { text: typed } = ctx.typed
  context.count('refused')
  await context.audit('decided', ctx.id, ctx.person.id, { decision: 'deny', why: 'paused', command: typed })
  await ctx.reply({ kind: 'refused', typed, message: `Nothing was run: ${pauseText(pause)}.`, wayOut })
  return true
}

function startsRuns(command: Command | ParseError): boolean {
  if (command.verb === 'triage') return true
  return isRunning(command) && !command.dryRun
}

const wayOut = 'Run it again when they are resumed; `runs`, `show`, `output` and `can-i` work meanwhile.'
