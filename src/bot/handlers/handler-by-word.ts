import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import { hasShells, toolsOf } from '#core/policy/permissions-of-person'
import { defined } from '#core/util/defined'
import { triageAlert, triageMessageText } from '#src/bot/alerts/handle-alert-triage'
import { review } from '#src/bot/approvals/review'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { admitRun } from '#src/bot/shell/admit'
import { admitShell } from '#src/bot/shell/admit-shell'
import { startFanOut } from '#src/bot/shell/fan-out'
import { admitOnPodOfOwner } from '#src/bot/shell/pod-of-owner'
import { showTimeline } from '#src/bot/timeline/show-timeline'
import { listPlaybooks } from '#src/bot/triage/list-playbooks'
import { carryOutNext } from '#src/bot/triage/run-suggested-command'
import { startTriage } from '#src/bot/triage/start-triage'
import { helpMessage } from '#src/command/help'
import type { AnsweringVerb, Command, CommandOf } from '#src/command/words/all-words'
import { cancelRun } from './cancel.ts'
import { endSession } from './end-warm-session.ts'
import { listApprovals } from './list-approvals.ts'
import { listNodes, listPods, listRuns, listTools, versionMessage, whoami } from './listings.ts'
import { listRecordings, replayLink } from './recordings.ts'
import { linkTo } from './run-page.ts'
import { showOutput } from './show-output.ts'
import { rerun, showRun } from './show-run-and-rerun.ts'
import { listSessions, openAgain } from './terminal-sessions.ts'

type ActingVerb = Exclude<Command['verb'], AnsweringVerb>

/** Handlers of words that answer: each returns the reply. */
const answers: {
  [V in AnsweringVerb]: (context: BotContext, ctx: CommandContext, command: CommandOf<V>) => Message | Promise<Message>
} = {
  tools: (context, { person }) => listTools(context, ownTools(context, person), mayOpenShells(context, person)),
  playbooks: (context) => listPlaybooks(context.playbooks()),
  nodes: (context, { person }, command) => listNodes(context, person, command),
  pods: (context, { person }, command) => listPods(context, person, command),
  runs: (context, { person }) => listRuns(context, person),
  show: (context, ctx, { id }) => showRun(context, ctx, id),
  link: (context, ctx, { id }) => linkTo(context, ctx, id),
  sessions: (context, { person }) => listSessions(context, person),
  output: showOutput,
  recordings: (context, { person }, command) => listRecordings(context, person, command),
  replay: (context, ctx, { id }) => replayLink(context, ctx, id),
  approvals: (context, { person }) => listApprovals(context, person),
  whoami: (context, { person, inbound }) => whoami(context, person, inbound),
  help: (context, { person }, { topic }) => helpMessage(topic, context.catalogue, ownTools(context, person)),
  version: (context) => versionMessage(context),
}

/** Carries out a command from its beginning: that of a run that is repeated. */
export type HandleAgain = (ctx: CommandContext) => Promise<void>

/** Handlers of words that act: each replies by itself. */
const acts: {
  [V in ActingVerb]: (
    context: BotContext,
    ctx: CommandContext,
    command: CommandOf<V>,
    again: HandleAgain,
  ) => Promise<void>
} = {
  shell: (context, ctx, command) =>
    command.pipeline.length === 0 ? admitShell(context, ctx, command) : admitRun(context, ctx, command),
  owner: admitOnPodOfOwner,
  'fan-out': startFanOut,
  triage: startTriage,
  timeline: showTimeline,
  next: carryOutNext,
  'triage-alert': triageAlert,
  'triage-message': triageMessageText,
  rerun: (context, ctx, { id }, again) => rerun(context, ctx, id, again),
  cancel: (context, ctx, { id }) => cancelRun(context, ctx, id),
  end: (context, ctx, { id }) => endSession(context, ctx, id),
  open: (context, ctx, { id }) => openAgain(context, ctx, id),
  approve: (context, ctx, { id, window }) => review(context, ctx, id, { verdict: 'approve', window }),
  deny: (context, ctx, { id, reason }) => review(context, ctx, id, { verdict: 'deny', ...defined({ reason }) }),
}

/** Returns true for a command whose handler returns the reply. */
export function isAnswering(command: Command): command is CommandOf<AnsweringVerb> {
  return Object.hasOwn(answers, command.verb)
}

/** Returns the reply to a command that only reads. */
export function handleAnswering<V extends AnsweringVerb>(
  context: BotContext,
  ctx: CommandContext,
  verb: V,
  command: CommandOf<V>,
): Message | Promise<Message> {
  return answers[verb](context, ctx, command)
}

/** Carries out a command, and replies. */
export function handleActing<V extends ActingVerb>(
  context: BotContext,
  ctx: CommandContext,
  verb: V,
  command: CommandOf<V>,
  again: HandleAgain,
): Promise<void> {
  return acts[verb](context, ctx, command, again)
}

/** Returns true where shells are configured and a set gives the person one. */
function mayOpenShells({ terminal, rules, now }: BotContext, person: Principal): boolean {
  return terminal !== undefined && hasShells(person, rules().policy, now().toISOString())
}

/** Returns a predicate for the tools that the person may use: help shows only what they can do. */
function ownTools(context: BotContext, person: Principal): (tool: string) => boolean {
  const tools = toolsOf(person, context.rules().policy, context.now().toISOString())
  return (tool) => tools.has(tool) || tools.has('*')
}
