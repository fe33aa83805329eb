import { type Approval, type ApprovalState, approvalState, missingApprovals } from '#core/approvals/approval'
import { noOutput } from '#core/output/output-view'
import { targetText } from '#core/request/target'
import { currentActions } from '#core/runs/actions'
import type { End, Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'
import { oneLine } from '#core/util/one-line'
import { boundedCommand, formatPipeline } from '#core/util/quote'
import type { FanOutMessage, Message, ProgressMessage, RunCard, TriageMessage } from './message.ts'
import { maxCommandChars, requestFacts } from './request-facts.ts'

/** Returns what a run's message shows in the run's current state. */
export function runCard(run: Run): RunCard {
  return {
    id: run.id,
    by: nameText(run.request.by.name),
    target: targetText(run.request.target),
    cluster: run.request.target.cluster,
    command: boundedCommand(formatPipeline(run.spec.pipeline), maxCommandChars),
    ...defined({ typed: run.request.typed.plain }),
    added: run.request.added.map((each) => oneLine(each, maxAddedChars)),
    set: run.set,
    deadline: run.spec.deadline,
    queuedAt: run.queuedAt,
    ...defined({ startedAt: run.startedAt }),
    actions: currentActions(run),
    ...(run.kept === undefined ? {} : { kept: { seconds: run.kept, what: run.spec.target.kind } }),
  }
}

/** Returns what the message of a run or fan-out shows: only state and result, where its output is in a thread. */
export function rootMessage<T extends ProgressMessage | FanOutMessage | TriageMessage>(
  { threaded }: Pick<Run, 'threaded'>,
  message: T,
): T {
  return threaded === true ? { ...message, part: 'root' } : message
}

/** Maximum number of characters of a name in the small print. */
const maxNameChars = 60
/** Maximum number of characters of a text about what was added to a command, which may have words of it. */
const maxAddedChars = 200

/** Returns a display name in one line, without the dots that separate the facts there. */
function nameText(name: string): string {
  return oneLine(name, maxNameChars).replaceAll(/[·‧∙•⋅・･]/gu, '.')
}

/** Returns the message of a run that ended before it started. */
export function unstartedMessage(run: Run, end: End): Message {
  return rootMessage(run, { kind: 'ended', run: runCard(run), end, duration: 0, output: noOutput })
}

/** Returns the message of a run's approval request, pending or decided. */
export function approvalRequestMessage(
  run: Run,
  approval: Approval,
  now: Instant,
): Extract<Message, { kind: 'asking' }> {
  const state: ApprovalState = approvalState(approval, now)
  const card = runCard(run)
  return {
    kind: 'asking',
    run: state === 'pending' && run.state === 'asking' ? card : { ...card, actions: [] },
    state: run.state === 'ended' && state === 'pending' ? 'withdrawn' : state,
    facts: requestFacts(run),
    missing: missingApprovals(approval),
    ...defined({ window: approval.rule.window }),
    reviews: approval.reviews,
    expiresAt: approval.expiresAt,
    hash: approval.specHash.slice(0, 12),
    ...(run.end?.reason === 'paused' && run.end.message !== undefined ? { why: run.end.message } : {}),
  }
}
