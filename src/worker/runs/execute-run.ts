import type { ProgressMessage } from '#core/messages/message'
import { runCard } from '#core/messages/run-card'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, DebugProcess } from '#core/ports/cluster'
import { verified } from '#core/ports/store'
import { type Pause, pauseCanceler, pauseText } from '#core/runs/pause'
import type { End, Run } from '#core/runs/run'
import type { ContainerRef } from '#core/sessions/session'
import { trackPendingWork } from '#core/util/pending-work'
import { currentPause } from '#src/lifecycle/current-pause'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { showEndingAgain } from '#src/lifecycle/show-ending-again'
import { waitForMessageLock } from '#src/lifecycle/wait-for-queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import { placeAdoptedRun, placeRun } from '#src/worker/sessions/place-run'
import type { PlacementSignals, RunPlacement } from '#src/worker/sessions/placement-strategies'
import { checkImageUnchanged } from './check-image-unchanged.ts'
import { deliverResult, type RunOutcome, saveResult } from './deliver-result.ts'
import { createInterimResults, type InterimResults } from './interim-check-results.ts'
import { type LiveMessage, silentLiveMessage } from './live-message.ts'
import { reauthorizeRun } from './reauthorize.ts'
import { saveOwnContainer, saveRunning, saveStart, saveStartInFanOut } from './save-start.ts'
import { liveMessageOf } from './saved-live-message.ts'
import {
  type AppendRefusal,
  openTranscriptWriter,
  type TranscriptWriter,
  transcriptDigest,
} from './transcript-writer.ts'
import { useConfiguredImage } from './use-configured-image.ts'

/** Maximum number of endings that wait for delivery; above it, this worker takes no further runs. */
const maxUndelivered = 5_000

export type RunExecutor = {
  /**
   * Executes a run. Called once for each run, and again by another worker when the first one was interrupted: then the
   * tool is followed, not begun again. Resolves when the ending is saved and nothing of the run is left in the cluster;
   * a slow chat platform doesn't delay other runs.
   */
  run: (queued: Run) => Promise<void>
  /** Starts to deliver a saved ending, at the platform's rate; does nothing where delivery is in progress already. */
  deliverLater: (run: Run, own?: LiveMessage) => void
  /**
   * Resolves when every result is delivered; the sweep of another worker delivers those left when the program stops.
   */
  delivered: () => Promise<void>
}

/** Creates the executor of queued runs: authorizes each again, runs the tool, and delivers the result. */
export function createRunExecutor(context: WorkerContext): RunExecutor {
  const undelivered = new Map<string, Promise<void>>()
  const { watched, settled } = trackPendingWork()
  const deliver = (run: Run, work: () => Promise<void>) =>
    context
      .span(run.id, 'deliver-result', work)
      .catch((error: unknown) =>
        context.log.error({ run: run.id, error: String(error) }, 'the result is not delivered yet'),
      )
  const deliverLater = (run: Run, own?: LiveMessage) => {
    if (undelivered.has(run.id)) return
    const delivery = deliver(run, () => deliverResult(context, run, own))
    undelivered.set(
      run.id,
      delivery.finally(() => undelivered.delete(run.id)),
    )
  }
  /** Leaves the messages of a run to the worker that has it now; shows the ending again if an edit may have replaced it. */
  const leaveToOther = watched(async (run: Run, liveMessage: LiveMessage) => {
    if (await liveMessage.discard()) await deliver(run, () => showEndingAgain(context, run))
  })
  const executeRun = async (run: Run): Promise<void> => {
    if (run.end !== undefined || run.state === 'asking') return
    const cluster = context.clusters.get(run.spec.target.cluster)
    const adapter = context.adapters.get(run.message.platform)
    if (cluster === undefined || adapter === undefined) throw new Error(`run ${run.id}: no such cluster or chat here`)
    const liveMessage = run.fanOut === undefined ? liveMessageOf(context, adapter, run) : silentLiveMessage
    const result = await runOrRefuse(context, run, { cluster, adapter, report: liveMessage })
    if ('refusal' in result) {
      // `differs`: the stored output was reset to an earlier state, so this worker continues from there. Otherwise
      // another worker has the run, and delivers its ending.
      if (result.refusal !== 'differs') return void leaveToOther(run, liveMessage)
      await liveMessage.discard()
      const current = verified(await context.store.run(run.id))
      return current === undefined ? undefined : executeRun(current)
    }
    const ended = await saveResult(context, run, result)
    if (ended === undefined) void leaveToOther(run, liveMessage)
    else deliverLater(ended, liveMessage)
    await result.remove?.()
    while (undelivered.size > maxUndelivered) await Promise.race(undelivered.values())
  }
  return {
    run: executeRun,
    deliverLater: deliverLater,
    async delivered() {
      await Promise.all([...undelivered.values(), settled()])
    },
  }
}

/** Follows a run to its end where it may begin or continue, else returns its ending. */
async function runOrRefuse(
  context: WorkerContext,
  queued: Run,
  params: Omit<FollowParams, 'recording'>,
): Promise<FollowResult> {
  const run = await useConfiguredImage(context, queued)
  const refused = await context.span(run.id, 'reauthorize', () => findRefusal(context, run))
  const recording = refused === undefined ? await openTranscriptWriter(context, run) : 'broken'
  if (recording !== 'broken') return follow(context, run, { ...params, recording })
  const end = refused ?? (await endChangedOutput(context, run))
  return { end, sha256: (await transcriptDigest(context, run.id)).digest('hex') }
}

/** Returns the ending of a run that may not begin or continue, else undefined. */
async function findRefusal(context: WorkerContext, run: Run): Promise<End | undefined> {
  if (run.state !== 'queued') return undefined
  const pause = await currentPause(context)
  if (pause !== undefined) return endByPause(context, pause)
  const authorized = await reauthorizeRun(context, run)
  if (!authorized.ok) return authorized.end
  const image = await checkImageUnchanged(context, run)
  return image.ok ? undefined : image.end
}

/** Returns the ending of a run that a pause keeps from starting. */
function endByPause({ now }: WorkerContext, pause: Pause): End {
  return { reason: 'paused', at: now().toISOString(), message: pauseText(pause), complete: true }
}

/** Returns the reason and message of a run that was canceled by a person or by a pause. */
async function explainCancellation(context: WorkerContext, by: string): Promise<Pick<End, 'reason' | 'message'>> {
  const pause = by === pauseCanceler ? await currentPause(context) : undefined
  if (pause === undefined) return { reason: 'canceled', message: `canceled by ${by}` }
  return { reason: 'paused', message: pauseText(pause) }
}

/** Returns the ending of a run whose stored output was changed after its worker was interrupted. */
async function endChangedOutput(context: WorkerContext, run: Run): Promise<End> {
  await raiseAlarm(context, run.id, run.request.by.id, 'the stored output was changed')
  const message = 'its stored output was changed by something other than this program, so it was not continued'
  return { reason: 'lost', at: context.now().toISOString(), message, complete: false }
}

type FollowParams = { cluster: Cluster; adapter: ChatAdapter; report: LiveMessage; recording: TranscriptWriter }
type Following = FollowParams & { interim: InterimResults }
type FollowResult = RunOutcome | { refusal: AppendRefusal }

const fullMessage = 'with control characters made visible, the output exceeds its limit; only its beginning is stored'

/** Begins the tool, or adopts it, and follows it to its end, unless another worker takes the run meanwhile. */
async function follow(context: WorkerContext, queued: Run, given: FollowParams): Promise<FollowResult> {
  const { cluster, report: liveMessage, recording } = given
  const params = { ...given, interim: createInterimResults(context, queued) }
  const cancel = await listenForCancel(context, queued)
  const followed = new AbortController()
  const signals = { cancel: cancel.signal, followed: followed.signal }
  try {
    const isNew = queued.state === 'queued'
    const placement = await (isNew
      ? placeRun(context, queued, cluster)
      : placeAdoptedRun(context, queued, cluster, recording.from))
    // Saved before the tool begins: a worker killed between the two leaves a run that is lost, not one whose start is
    // recorded twice.
    const begun = isNew ? await saveStart(context, queued, placement) : { run: queued }
    if ('refusal' in begun) return begun
    if ('end' in begun) return { end: begun.end, sha256: recording.sha256() }
    if (begun.run.tellingUntil !== undefined) liveMessage.pauseUntil(waitForMessageLock(context, begun.run))
    await saveStartInFanOut(context, queued)
    showProgress(context, begun.run, params)
    const tool = await startTool(context, begun.run, { placement, signals, isNew })
    const running = tool.process.started.then((where) => markRunning(context, { ...tool, where, signals }, params))
    void recording.refused.then(tool.process.leave)
    showProgressAsStored(context, tool.run, params)
    for await (const chunk of tool.process.output) await recording.add(chunk)
    const end = await Promise.race([tool.process.ended, recording.refused])
    const answer = typeof end === 'string' ? end : await context.span(queued.id, 'save-output', recording.finish)
    if (typeof end === 'string' || answer !== 'kept') return { refusal: answer === 'taken' ? 'taken' : 'differs' }
    const canceler = end.reason === 'canceled' ? await valueSoFar(cancel.by) : undefined
    const byWhom = canceler === undefined ? {} : await explainCancellation(context, canceler)
    const where = await valueSoFar(tool.process.started)
    const { startedAt } = where === undefined ? tool.run : await running
    const cut = recording.isFull() ? { message: end.message ?? fullMessage, complete: false } : {}
    // Uses the clock that all processes share, not this machine's.
    const ending = { ...end, at: context.now().toISOString(), ...cut, ...byWhom }
    followed.abort()
    const kept = await tool.placement.onEnded(end, where)
    return { end: ending, sha256: recording.sha256(), remove: tool.process.remove, startedAt, kept }
  } finally {
    followed.abort()
    await params.interim.end()
    await cancel.unsubscribe()
  }
}

/** Returns the signal that aborts when the run is canceled, and by whom it is: `by` is pending until then. */
async function listenForCancel(context: WorkerContext, run: Run) {
  const controller = new AbortController()
  const { promise: by, resolve } = Promise.withResolvers<string>()
  const unsubscribe = await context.cancelBus.onCancel(run.id, (canceler) => {
    resolve(canceler)
    controller.abort()
  })
  return { signal: controller.signal, by, unsubscribe }
}

/** Returns the value of a promise that has resolved already, else undefined. */
function valueSoFar<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, Promise.resolve(undefined)])
}

/** A tool that was started, its run as it is saved by then, and how the run was placed. */
type StartedTool = { run: Run; process: DebugProcess; placement: RunPlacement }

/** Starts or adopts the tool; in a container of its own where the session's container is gone. */
async function startTool(
  context: WorkerContext,
  run: Run,
  { placement, signals, isNew }: { placement: RunPlacement; signals: PlacementSignals; isNew: boolean },
): Promise<StartedTool> {
  const started = await placement.start(signals)
  if ('process' in started) return { run, process: started.process, placement }
  const moved = isNew ? await saveOwnContainer(context, run) : run
  return startTool(context, moved, { placement: started.instead, signals, isNew })
}

/** Shows and saves that a tool runs. Returns its run; where that can't be saved, as it would have been. */
async function markRunning(
  context: WorkerContext,
  tool: StartedTool & { where: ContainerRef; signals: PlacementSignals },
  params: Following,
): Promise<Run> {
  const startedAt = tool.run.startedAt ?? context.now().toISOString()
  const run: Run = { ...tool.run, state: 'running', startedAt }
  showProgress(context, run, params)
  showProgressAsStored(context, run, params)
  try {
    const saved = await saveRunning(context, run, tool)
    showProgressAsStored(context, saved, params)
    return saved
  } catch (error) {
    context.log.warn({ run: run.id, error: String(error) }, 'its start could not be saved')
    return run
  }
}

/** Shows a run again each time that more of its output is stored; the first output soon, because a person waits for it. */
function showProgressAsStored(context: WorkerContext, run: Run, params: Following): void {
  params.recording.onKept((isFirst) => {
    params.interim.update()
    showProgress(context, run, params, isFirst)
  })
}

function showProgress(
  context: WorkerContext,
  run: Run,
  { adapter, report, recording }: FollowParams,
  soon?: boolean,
): void {
  report.update(() => renderProgress(context, run, recording, adapter.limits.outputChars), soon)
}

function renderProgress(context: WorkerContext, run: Run, recording: TranscriptWriter, chars: number): ProgressMessage {
  if (run.startedAt === undefined) return { kind: 'starting', run: runCard(run) }
  const elapsed = Math.max(0, (context.now().getTime() - Date.parse(run.startedAt)) / 1_000)
  return { kind: 'running', run: runCard(run), output: recording.view(chars), elapsed }
}
