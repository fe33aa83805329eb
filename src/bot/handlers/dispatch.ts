import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import { toolsOf } from '#core/policy/permissions'
import { isInThread } from '#core/ports/chat'
import { review } from '#src/bot/approvals/review'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { refuseWhilePaused } from '#src/bot/runs/refuse-while-paused'
import { formatTarget, threadTarget } from '#src/bot/runs/thread-target'
import { admitRun } from '#src/bot/shell/admit'
import { startFanOut } from '#src/bot/shell/fan-out'
import type { Command, ParseError } from '#src/command/command'
import { helpMessage } from '#src/command/help'
import { parse } from '#src/command/parse'
import { parseOnTarget } from '#src/command/parse-without-target'
import { cancelRun } from './cancel.ts'
import { endSession } from './end-session.ts'
import { listApprovals } from './list-approvals.ts'
import { listNodes, listPods, listRuns, listTools, versionMessage, whoami } from './listings.ts'
import { linkTo } from './run-page-link.ts'
import { showOutput } from './show-output.ts'
import { rerun, showRun } from './show-run-and-rerun.ts'

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
  switch (command.verb) {
    case 'misunderstood':
      context.count('misunderstood')
      await ctx.reply(parseErrorMessage(command, ctx.inbound.text))
      return
    case 'shell':
      return admitRun(context, ctx, command)
    case 'fan-out':
      return startFanOut(context, ctx, command)
    case 'cancel':
      return cancelRun(context, ctx, command.id)
    case 'end':
      return endSession(context, ctx, command.id)
    case 'rerun':
      return rerun(context, ctx, command.id, (again) => handleText(context, again))
    case 'approve':
      return review(context, ctx, command.id, { verdict: 'approve', window: command.window })
    case 'deny': {
      const { id, reason } = command
      return review(context, ctx, id, { verdict: 'deny', ...(reason === undefined ? {} : { reason }) })
    }
    default:
      // In a thread, others follow what is shown; in a channel, it is for the person who asked.
      await ctx.reply(await answer(context, ctx, command), isInThread(ctx.inbound) ? undefined : 'toPerson')
  }
}

export function parseErrorMessage({ message, suggestion }: ParseError, typed: string): Message {
  return { kind: 'misunderstood', message, typed, ...(suggestion === undefined ? {} : { suggestion }) }
}

type ActingVerb = 'misunderstood' | 'shell' | 'fan-out' | 'cancel' | 'end' | 'rerun' | 'approve' | 'deny'

/** Returns the reply to a command that only reads. */
async function answer(
  context: BotContext,
  ctx: CommandContext,
  command: Exclude<Command, { verb: ActingVerb }>,
): Promise<Message> {
  const { person, inbound } = ctx
  switch (command.verb) {
    case 'show':
      return showRun(context, ctx, command.id)
    case 'link':
      return linkTo(context, ctx, command.id)
    case 'output':
      return showOutput(context, ctx, command)
    case 'runs':
      return listRuns(context, person)
    case 'tools':
      return listTools(context, ownTools(context, person))
    case 'approvals':
      return listApprovals(context, person)
    case 'nodes':
      return listNodes(context, person, command)
    case 'pods':
      return listPods(context, person, command)
    case 'whoami':
      return whoami(context, person, inbound)
    case 'version':
      return versionMessage(context)
    case 'help':
      return helpMessage(command.topic, context.catalogue, ownTools(context, person))
  }
}

/** Returns a predicate for the tools that the person may use: help shows only what they can do. */
function ownTools(context: BotContext, person: Principal): (tool: string) => boolean {
  const tools = toolsOf(person, context.rules().policy, context.now().toISOString())
  return (tool) => tools.has(tool) || tools.has('*')
}
