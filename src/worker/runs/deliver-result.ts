import { chartText } from '#core/messages/chart-text'
import type { EndedMessage } from '#core/messages/message'
import { fileOf, resultMessage } from '#core/messages/result-message'
import type { Attachment, ChatAdapter } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import type { Chart } from '#core/request/insight'
import type { DebugSpec } from '#core/runs/debug-spec'
import { hideInRun } from '#core/runs/hide-in-run'
import { withNothingFound } from '#core/runs/nothing-found'
import { duration, type End, type RecordedOutput, type Run } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import { defined } from '#core/util/defined'
import { decideOnRun } from '#src/lifecycle/change-run'
import { saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { endingTimeoutMs, showEndingAgain } from '#src/lifecycle/show-ending-again'
import { loadVerifiedOutput, loadWholeOutput } from '#src/lifecycle/verify-output'
import { waitForMessageLock } from '#src/lifecycle/wait-for-queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import { withLock } from '#src/worker/jobs/with-lock'
import { batchOutcomes } from './batch-audit-text.ts'
import type { LiveMessage } from './live-message.ts'
import { retrySave } from './retry-save.ts'
import { liveMessageOf } from './saved-live-message.ts'

/**
 * Outcome of a run: its ending, the SHA-256 (hex) of all its output, when it began, how to remove what it leaves in the
 * cluster, if anything, and the seconds for which its container remains ready (`kept`).
 */
export type RunOutcome = {
  end: End
  sha256: string
  startedAt?: Run['startedAt']
  remove?: () => Promise<void>
  kept?: number | undefined
}

/**
 * Saves the end of a run whose output is stored. Returns undefined where another process saved one before and delivers
 * it.
 */
export async function saveResult(
  context: WorkerContext,
  run: Run,
  { end: reported, sha256, kept: idleSeconds, startedAt = run.startedAt }: RunOutcome,
): Promise<Run | undefined> {
  const end = withNothingFound(reported, run.request.pipeline)
  const saveWithRetry = <T>(step: TraceStep, work: () => Promise<T>) =>
    retrySave(context, run, () => context.span(run.id, step, work))
  const start = defined({ startedAt })
  const ready = defined({ kept: idleSeconds })
  const ended = await saveWithRetry('save-end', async () => {
    const output = await recordOutput(context, run.id, sha256)
    const toEnded = (now: Run): Run => hideInRun({ ...now, ...start, ...ready, state: 'ended', end, output })
    const saved = await decideOnRun(context.store, run.id, (now) => {
      const isFirst = now.end === undefined
      return { next: isFirst ? toEnded(now) : undefined, found: isFirst }
    })
    if (saved !== 'broken') return saved?.found === true ? saved.run : undefined
    // This worker has verified the run before it began: it replaces what was written over it.
    await context.store.replaceRun(toEnded(run))
    return toEnded(run)
  })
  if (ended === undefined) return undefined
  await saveWithRetry('audit-end', async () => {
    const record = { ...endDetails(end, sha256, run.spec), ...(await batchOutcomes(context.store, run)) }
    await context.audit('ended', run.id, run.request.by.id, record)
  })
  const { reason, exitCode } = end
  context.log.info({ run: run.id, person: run.request.by.id, reason, exitCode }, 'run ended')
  context.observeEnd(reason, duration(ended, end))
  return ended
}

/** Returns the hashes and numbers by which a later reader recognises the output. `sha256`: of all of it. */
async function recordOutput(
  context: Pick<WorkerContext, 'store'>,
  id: string,
  sha256: string,
): Promise<RecordedOutput> {
  const { lines, bytes, redacted, whole, digest } = await context.store.storedOutput(id)
  return { lines, bytes, redacted, sha256, ...(whole ? {} : { endsSha256: digest }) }
}

/** Capabilities with which a tool can change the runner that reports on it. Source: capabilities(7). */
const overRunner: ReadonlySet<string> = new Set(['ALL', 'SYS_PTRACE', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_RAWIO'])

/**
 * Returns the fields of an ending's audit record. `sha256`: of all of its stored output. `unproven`: capabilities with
 * which the tool could have forged its output and its end.
 */
export function endDetails(
  { reason, complete, exitCode }: End,
  sha256: string,
  { capabilities }: Pick<DebugSpec, 'capabilities'>,
): Record<string, string> {
  const code = exitCode === undefined ? {} : { exitCode: String(exitCode) }
  const strong = capabilities.filter((each) => overRunner.has(each))
  const unproven = strong.length === 0 ? {} : { unproven: strong.join(',') }
  return { reason, complete: String(complete), transcript: sha256, ...code, ...unproven }
}

/** Milliseconds for which one worker may deliver a result: a quarter of an hour for its files, after the wait for the chat. */
const maxDeliveryMs = endingTimeoutMs + 15 * 60_000

/**
 * Delivers a saved ending to its thread, with the whole output as a file where it doesn't fit, and saves that it was
 * delivered. One worker at a time does it: after an outage of the chat several would post what no message had yet.
 * `own`: the live message of the worker that ran it; another worker goes on with the messages that are stored.
 */
export async function deliverResult(context: WorkerContext, run: Run, own?: LiveMessage): Promise<void> {
  const adapter = context.adapters.get(run.message.platform)
  if (adapter === undefined || run.end === undefined) return
  await waitForMessageLock(context, run)
  if (run.fanOut !== undefined) {
    await saveOutcome(context, run, run.end)
    await context.store.changeRun(run.id, (now) => ({ ...now, toldAt: context.now().toISOString() }))
    return
  }
  let isDelivered = false
  const times = { leaseMs: context.timing.deliveryLeaseMs, maxMs: maxDeliveryMs }
  await withLock(context.store, `deliver:${run.id}`, times, async () => {
    const current = verified(await context.store.run(run.id)) ?? run
    if (current.end === undefined || current.toldAt !== undefined) return
    const liveMessage = own ?? liveMessageOf(context, adapter, current)
    await showResult({ context, run: current, adapter, liveMessage }, current.end)
    await context.store.changeRun(run.id, (now) => ({ ...now, toldAt: context.now().toISOString() }))
    isDelivered = true
  })
  // Another worker delivers it, whose ending an edit in progress here may replace.
  if (!isDelivered && (await own?.discard()) === true) await showEndingAgain(context, run)
}

async function showResult(delivery: Delivery, end: End): Promise<void> {
  const { context, run, adapter, liveMessage } = delivery
  // Reads only what the message shows: thousands of endings may wait for delivery, and whole outputs would stay in
  // memory.
  const stored = await loadVerifiedOutput(context.store, run)
  const view = resultMessage(run, end, stored, adapter.limits.outputChars, context.catalogue)
  if (!(await liveMessage.finish(view))) return
  const { file } = fileOf(run, view.output, stored.size, adapter.limits)
  const named = file === undefined ? undefined : await attachOutput(delivery, file)
  if (view.insight?.chart !== undefined) await attachChart(delivery, view.insight.chart)
  // The message names the file only once it is there.
  if (named !== undefined) await liveMessage.amend({ ...view, ...named })
}

/** A result that its message shows, and where its files are attached. */
type Delivery = { context: WorkerContext; run: Run; adapter: ChatAdapter; liveMessage: LiveMessage }

/** Attaches the whole output, and returns what the message says about it. */
async function attachOutput(delivery: Delivery, name: string): Promise<Pick<EndedMessage, 'file' | 'fileRefused'>> {
  const { context, run, adapter } = delivery
  const text = await readWholeOutput(context, run, adapter.limits.fileBytes)
  if (text === undefined) return {}
  const isAttached = await attach(delivery, { name, title: `Whole output of ${run.id}`, text })
  return isAttached ? { file: name } : { fileRefused: true }
}

/** Attaches a file in the thread of the run's message, unless it is there already. Returns false where that fails. */
async function attach({ context, run, adapter, liveMessage }: Delivery, file: Attachment): Promise<boolean> {
  const message = liveMessage.attachTo()
  if (message === undefined) return false
  if (run.attached?.includes(file.name)) return true
  try {
    await adapter.attach(message, file)
  } catch (error) {
    context.log.error({ run: run.id, file: file.name, error: String(error) }, 'a file could not be attached')
    return false
  }
  await context.store.changeRun(run.id, (now) => ({ ...now, attached: [...(now.attached ?? []), file.name] }))
  return true
}

/** Returns the whole output as recorded; undefined where it is larger than `maxBytes`, or was changed since. */
async function readWholeOutput(
  context: Pick<WorkerContext, 'store' | 'log' | 'audit'>,
  run: Run,
  maxBytes: number,
): Promise<string | undefined> {
  const { text, changed } = await loadWholeOutput(context.store, run, maxBytes)
  if (!changed) return text
  await raiseAlarm(context, run.id, run.request.by.id, 'the stored output was changed')
  return undefined
}

/** Attaches the chart. A failure is only logged: the result is complete without it. */
async function attachChart(delivery: Delivery, chart: Chart): Promise<void> {
  const { context, run, adapter } = delivery
  try {
    const png = await context.renderChart(chart)
    if (png.length > adapter.limits.fileBytes) return
    const captions = { title: chart.title, alt: chartText(chart) }
    const file = { name: `${run.id}.png`, png: Buffer.from(png).toString('base64'), ...captions }
    await attach(delivery, file)
  } catch (error) {
    context.log.warn({ run: run.id, error: String(error) }, 'the chart could not be rendered')
  }
}
