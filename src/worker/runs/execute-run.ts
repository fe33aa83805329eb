import type { ProgressMessage } from '#core/messages/message'
import { runCard } from '#core/messages/run-card'
import { isStoreFull } from '#core/messages/store-unavailable-message'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, DebugProcess } from '#core/ports/cluster'
import { verified } from '#core/ports/store'
import { type Pause, pauseCanceler, pauseText } from '#core/runs/pause'
import type { End, Run } from '#core/runs/run'
import type { ContainerRef } from '#core/sessions/session'
import { raiseAlarm } from '#src/lifecycle/alarm'
import { currentPause } from '#src/lifecycle/current-pause'
import { saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { waitForMessageLock } from '#src/lifecycle/queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import { placeAdoptedRun, placeRun, type RunPlacement } from '#src/worker/sessions/place-run'
import { checkImageUnchanged } from './check-image-unchanged.ts'
import { deliverResult, type RunOutcome, saveResult } from './deliver-result.ts'
import { type LiveMessage, silentLiveMessage } from './live-message.ts'
import { reauthorizeRun } from './reauthorize.ts'
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

/** Milliseconds within which a started tool may end without an intermediate save of its state. */
const quickEndMs = 20

export type RunExecutor = {
  /**
   * Executes a run. Called once for each run, and again by another worker when the first one was interrupted: then the
   * tool is followed, not begun again. Resolves when the ending is saved and nothing of the run is left in the cluster;
   * a slow chat platform doesn't delay other runs.
   */
  run: (queued: Run) => Promise<void>
  /** Starts to deliver a saved ending, at the platform's rate; does nothing where delivery is in progress already. */
  deliverLater: (run: Run, liveMessage: LiveMessage) => void
  /**
   * Resolves when every result is delivered; the sweep of another worker delivers those left when the program stops.
   */
  delivered: () => Promise<void>
}

/** Creates the executor of queued runs: authorizes each again, runs the tool, and delivers the result. */
export function createRunExecutor(context: WorkerContext): RunExecutor {
  const undelivered = new Map<string, Promise<void>>()
  const deliverLater = (run: Run, liveMessage: LiveMessage) => {
    if (undelivered.has(run.id)) return
    const delivery = context
      .span(run.id, 'deliver-result', () => deliverResult(context, run, liveMessage))
      .catch((error: unknown) =>
        context.log.error({ run: run.id, error: String(error) }, 'the result is not delivered yet'),
      )
      .finally(() => undelivered.delete(run.id))
    undelivered.set(run.id, delivery)
  }
  const executeRun = async (run: Run): Promise<void> => {
    if (run.end !== undefined || run.state === 'asking') return
    const cluster = context.clusters.get(run.spec.target.cluster)
    const adapter = context.adapters.get(run.message.platform)
    if (cluster === undefined || adapter === undefined) throw new Error(`run ${run.id}: no such cluster or chat here`)
    const liveMessage = run.fanOut === undefined ? liveMessageOf(context, adapter, run) : silentLiveMessage
    const result = await runOrRefuse(context, run, { cluster, adapter, report: liveMessage })
    if ('refusal' in result) {
      liveMessage.discard()
      // `differs`: the stored output was reset to an earlier state, so this worker continues from there. Otherwise
      // another worker has the run, and delivers its ending.
      if (result.refusal !== 'differs') return
      const current = verified(await context.store.run(run.id))
      return current === undefined ? undefined : executeRun(current)
    }
    const ended = await saveResult(context, run, result)
    if (ended !== undefined) deliverLater(ended, liveMessage)
    await result.remove?.()
    while (undelivered.size > maxUndelivered) await Promise.race(undelivered.values())
  }
  return {
    run: executeRun,
    deliverLater: deliverLater,
    async delivered() {
      await Promise.all(undelivered.values())
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
  return (await reauthorizeRun(context, run)) ?? (await checkImageUnchanged(context, run))
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
type FollowResult = RunOutcome | { refusal: AppendRefusal }

const fullMessage = 'with control characters made visible, the output exceeds its limit; only its beginning is stored'

/** Begins the tool, or adopts it, and follows it to its end, unless another worker takes the run meanwhile. */
async function follow(context: WorkerContext, run: Run, params: FollowParams): Promise<FollowResult> {
  const { cluster, adapter, report: liveMessage, recording } = params
  const abort = new AbortController()
  let canceler: string | undefined
  const unsubscribe = await context.cancelBus.onCancel(run.id, (by) => {
    canceler = by
    abort.abort()
  })
  try {
    const isNew = run.state === 'queued'
    const placement = await (isNew
      ? placeRun(context, run, cluster)
      : placeAdoptedRun(context, run, cluster, recording.from))
    // Saved before the tool begins: a worker killed between the two leaves a run that is lost, not one whose start is
    // recorded twice.
    const begun = isNew ? await saveStart(context, run, placement) : undefined
    // Follows what the other worker has started, as for any interrupted run.
    if (begun === 'taken') return { refusal: 'differs' }
    if (begun !== undefined && 'reason' in begun) return { end: begun, sha256: recording.sha256() }
    let current: Run = begun ?? run
    if (current.tellingUntil !== undefined) liveMessage.pauseUntil(waitForMessageLock(context, current))
    await saveBegun(context, run)
    const show = (soon?: boolean) =>
      liveMessage.update(() => renderProgress(context, current, recording, adapter.limits.outputChars), soon)
    show()
    const process = await placement.begin(abort.signal, async () => {
      current = await saveChange(context, current, { place: undefined })
    })
    // Remains pending for a tool that never starts; its ending counts then.
    let starting: Promise<void> | undefined
    void process.started.then((where) => {
      const startedAt = current.startedAt ?? context.now().toISOString()
      current = { ...current, state: 'running', startedAt }
      show()
      starting = saveRunning(context, process, placement, where, current).then(
        (saved) => {
          current = saved
        },
        (error: unknown) => context.log.warn({ run: run.id, error: String(error) }, 'its start could not be saved'),
      )
    })
    void recording.refused.then(process.leave)
    let first = true
    recording.onKept(() => {
      show(first)
      first = false
    })
    for await (const chunk of process.output) await recording.add(chunk)
    const end = await Promise.race([process.ended, recording.refused])
    const answer = typeof end === 'string' ? end : await context.span(run.id, 'save-output', recording.finish)
    if (typeof end === 'string' || answer !== 'kept') return { refusal: answer === 'taken' ? 'taken' : 'differs' }
    const by = end.reason === 'canceled' ? canceler : undefined
    const byWhom = by === undefined ? {} : await explainCancellation(context, by)
    await starting
    const cut = recording.isFull() ? { message: end.message ?? fullMessage, complete: false } : {}
    // Uses the clock that all processes share, not this machine's.
    const ending = { ...end, at: context.now().toISOString(), ...cut, ...byWhom }
    const { remove } = process
    return {
      end: ending,
      sha256: recording.sha256(),
      remove,
      startedAt: current.startedAt,
      kept: await placement.ended(end),
    }
  } finally {
    await unsubscribe()
  }
}

async function saveBegun(context: WorkerContext, run: Run): Promise<void> {
  await saveOutcome(context, run).catch((error: unknown) =>
    context.log.warn({ run: run.id, error: String(error) }, 'a fan-out could not be updated with the start of a run'),
  )
}

/**
 * Saves and audits the start of a run. Returns a refusal where that fails: then nothing is run. `taken`: another worker
 * has started the run. The audit log has one start of each run: a run whose earlier state was put back is not run again.
 */
async function saveStart(
  context: WorkerContext,
  run: Run,
  { place, details }: RunPlacement,
): Promise<Run | End | 'taken'> {
  const { node, image } = run.spec
  const refused = (message: string): End => {
    return { reason: 'refused', at: context.now().toISOString(), message, complete: true }
  }
  try {
    let isTaken = false
    const begun = await context.span(run.id, 'save-start', () =>
      context.store.changeRun(run.id, (now) => {
        isTaken = now.state !== 'queued'
        return isTaken ? undefined : { ...now, state: 'starting', place }
      }),
    )
    if (isTaken) return 'taken'
    if (begun === undefined || begun === 'broken') return refused(changedMessage)
    const record = { spec: context.hash(run.spec), node, image, ...details }
    const isFirst = await context.span(run.id, 'audit-start', () =>
      context.auditOnce('started', run.id, run.request.by.id, record),
    )
    if (isFirst) {
      context.observeStart((context.now().getTime() - Date.parse(run.queuedAt)) / 1_000)
      return begun
    }
    await raiseAlarm(context, run.id, run.request.by.id, 'an earlier state of a run that was started was put back')
    return { ...refused('it was started before, so it is not started again'), reason: 'lost' }
  } catch (error) {
    context.log.error({ run: run.id, error: String(error) }, 'its start could not be saved, so it is not started')
    const message = isStoreFull(error)
      ? 'my store (Redis) is full, so nothing was run'
      : 'its start could not be recorded, so nothing was run'
    return refused(message)
  }
}

const changedMessage = 'its stored state was changed by something other than this program'

/** Saves that the tool runs, and in which container, where another worker would need that. */
async function saveRunning(
  context: WorkerContext,
  process: DebugProcess,
  placement: RunPlacement,
  where: ContainerRef,
  run: Run,
): Promise<Run> {
  const place = (await placement.started(where)) ?? run.place
  // Most tools have ended by then and need no intermediate state.
  if (place === run.place && (await endsAtOnce(process.ended))) return run
  const { startedAt } = run
  return saveChange(context, run, { state: 'running', ...(startedAt === undefined ? {} : { startedAt }), place })
}

/** Returns true if `ended` resolves within `quickEndMs`. */
async function endsAtOnce(ended: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, quickEndMs, false)
  })
  return Promise.race([ended.then(() => true), timeout]).finally(() => clearTimeout(timer))
}

async function saveChange(context: WorkerContext, run: Run, change: Partial<Run>): Promise<Run> {
  const saved = await context.store.changeRun(run.id, (now) =>
    now.end === undefined ? { ...now, ...change } : undefined,
  )
  return verified(saved) ?? { ...run, ...change }
}

function renderProgress(context: WorkerContext, run: Run, recording: TranscriptWriter, chars: number): ProgressMessage {
  if (run.startedAt === undefined) return { kind: 'starting', run: runCard(run) }
  const elapsed = Math.max(0, (context.now().getTime() - Date.parse(run.startedAt)) / 1_000)
  return { kind: 'running', run: runCard(run), output: recording.view(chars), elapsed }
}
