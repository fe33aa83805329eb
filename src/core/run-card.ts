import type { RunCard } from './notice.ts'
import { pipelineText } from './request.ts'
import { type Run, type RunAction, runCan } from './run.ts'
import { targetText } from './target.ts'

const allActions: readonly RunAction[] = ['cancel', 'rerun', 'show']

/** What a run's message shows of it in its present state. */
export function runCard(run: Run): RunCard {
  return {
    id: run.id,
    by: run.request.by.name,
    target: targetText(run.request.target),
    cluster: run.request.target.cluster,
    command: pipelineText(run.spec.pipeline),
    added: run.request.added,
    set: run.set,
    deadline: run.spec.deadline,
    queuedAt: run.queuedAt,
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
    actions: allActions.filter((action) => runCan(action, run)),
  }
}
