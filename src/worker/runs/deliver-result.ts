import { chartText } from '#core/messages/chart-text'
import type { ChatLimits } from '#core/messages/limits'
import type { Message } from '#core/messages/message'
import { fileOf, resultMessage } from '#core/messages/result-message'
import type { StoredOutput } from '#core/output/stored-output'
import type { ChatAdapter } from '#core/ports/chat'
import type { Chart } from '#core/request/insight'
import { duration, type End, type Run } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import { saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { waitForMessageLock } from '#src/lifecycle/queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import type { LiveMessage } from './live-message.ts'
import { retrySave } from './retry-save.ts'

type Ended = Extract<Message, { kind: 'ended' }>

/** How a run ended, the hash of all that it wrote, when it began, and how what it leaves is removed, where there is something. */
export type RunOutcome = {
  end: End
  sha256: string
  startedAt?: Run['startedAt']
  remove?: () => Promise<void>
  kept?: number | undefined
}

/** Saves an ending, all output being stored. Undefined when somebody else saved one before: then that one is told, by them. */
export async function saveResult(
  context: WorkerContext,
  run: Run,
  { end, sha256, kept, startedAt = run.startedAt }: RunOutcome,
): Promise<Run | undefined> {
  const surely = <T>(hop: TraceStep, work: () => Promise<T>) =>
    retrySave(context, run, () => context.span(run.id, hop, work))
  let first = false
  const ended = await surely('save-end', () =>
    context.store.changeRun(run.id, (now) => {
      first = now.end === undefined
      const start = startedAt === undefined ? {} : { startedAt }
      const ready = kept === undefined ? {} : { kept }
      return first ? { ...now, ...start, ...ready, state: 'ended', end } : undefined
    }),
  )
  if (!first || ended === undefined) return undefined
  const record = endDetails(end, sha256)
  await surely('audit-end', () => context.audit('ended', run.id, run.request.by.id, record))
  const { reason, exitCode } = end
  context.log.info({ run: run.id, person: run.request.by.id, reason, exitCode }, 'run ended')
  context.ended(reason, duration(ended, end))
  return ended
}

/** What the audit log says of an ending. `sha256`: of all that was stored of its output. */
export function endDetails({ reason, complete, exitCode }: End, sha256: string): Record<string, string> {
  const code = exitCode === undefined ? {} : { exitCode: String(exitCode) }
  return { reason, complete: String(complete), transcript: sha256, ...code }
}

/** Tells a saved ending in its thread, with the whole output as a file where it doesn't fit, and notes that it was told. */
export async function deliverResult(context: WorkerContext, run: Run, report: LiveMessage): Promise<void> {
  const adapter = context.adapters.get(run.message.platform)
  if (adapter === undefined || run.end === undefined) return
  await waitForMessageLock(context, run)
  if (run.fanOut !== undefined) {
    await saveOutcome(context, run, run.end)
    await context.store.changeRun(run.id, (now) => ({ ...now, toldAt: context.now().toISOString() }))
    return
  }
  // Thousands of endings may wait for their turn; whole outputs aren't kept in memory for so long.
  const notice = wholeNotice(context, run, run.end, await context.store.storedOutput(run.id), adapter.limits)
  const shown = await report.finish(notice)
  // That may have taken minutes, in which another worker may have told it.
  if ((await context.store.run(run.id))?.toldAt !== undefined) return
  const { file: name } = notice
  const text = name === undefined ? undefined : await context.store.transcript(run.id, adapter.limits.fileBytes)
  if (shown && name !== undefined && text !== undefined) {
    const file = { name, title: `Whole output of ${run.id}`, text }
    await adapter.attach(run.message, file).catch((error: unknown) => {
      context.log.error({ run: run.id, error: String(error) }, 'the whole output could not be attached')
    })
  }
  if (shown && notice.insight?.chart !== undefined) await attachChart(context, run, adapter, notice.insight.chart)
  await context.store.changeRun(run.id, (now) => ({ ...now, toldAt: context.now().toISOString() }))
}

/** A picture is a help, no part of the ending: without it everything is told all the same. */
async function attachChart(context: WorkerContext, run: Run, adapter: ChatAdapter, chart: Chart): Promise<void> {
  try {
    const png = await context.picture(chart)
    if (png.length > adapter.limits.fileBytes) return
    const words = { title: chart.title, alt: chartText(chart) }
    await adapter.attach(run.message, { name: `${run.id}.png`, png: Buffer.from(png).toString('base64'), ...words })
  } catch (error) {
    context.log.warn({ run: run.id, error: String(error) }, 'the chart could not be attached')
  }
}

/** The notice, and the name of the file with all of the output where the message doesn't hold it. */
function wholeNotice(context: WorkerContext, run: Run, end: End, stored: StoredOutput, limits: ChatLimits): Ended {
  const notice = resultMessage(run, end, stored, limits.outputChars, context.catalogue)
  return { ...notice, ...fileOf(run, notice.output, stored.size, limits) }
}
