import type { Message } from '#core/messages/message'
import { isStoreFull } from '#core/messages/not-accepted'
import { runCard } from '#core/messages/run-card'
import type { ChatAdapter } from '#core/ports/chat'
import type { Cluster, DebugProcess } from '#core/ports/cluster'
import type { End, Run } from '#core/runs/run'
import type { ContainerRef } from '#core/sessions/session'
import { saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { waitForMessageLock } from '#src/lifecycle/queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import { placeAdoptedRun, placeRun, type RunPlacement } from '#src/worker/sessions/run-session'
import { deliverResult, type RunOutcome, saveResult } from './deliver-result.ts'
import { type LiveMessage, openLiveMessage, silentLiveMessage } from './live-message.ts'
import { reauthorizeRun } from './reauthorize.ts'
import {
  type AppendRefusal,
  openTranscriptWriter,
  type TranscriptWriter,
  transcriptDigest,
} from './transcript-writer.ts'
import { checkImageUnchanged } from './verify-image.ts'

/** Endings that may wait for their platform's pace before this worker takes nothing more on. */
const mostUntold = 5_000

/** Milliseconds within which a tool that has started may end without a word in between. */
const atOnce = 20

export type RunExecutor = {
  /**
   * Called once for each run, and again by another worker when the first one was cut off: then the tool is followed, not begun
   * again. Resolves when the ending is saved and nothing of it is left in the cluster; a slow platform doesn't hold up other runs.
   */
  run: (queued: Run) => Promise<void>
  /** Tells a saved ending when its platform takes it; does nothing where that is under way already. */
  deliverLater: (run: Run, report: LiveMessage) => void
  /** Resolves when every ending has been told; what isn't when the program stops is told by another worker's sweep. */
  delivered: () => Promise<void>
}

/** Hops 7 to 9: is it still allowed, run it, tell it. */
export function createRunExecutor(context: WorkerContext): RunExecutor {
  const untold = new Map<string, Promise<void>>()
  const tellLater = (run: Run, report: LiveMessage) => {
    if (untold.has(run.id)) return
    const telling = context
      .span(run.id, 'deliver-result', () => deliverResult(context, run, report))
      .catch((error: unknown) => context.log.error({ run: run.id, error: String(error) }, 'the ending is not told yet'))
      .finally(() => untold.delete(run.id))
    untold.set(run.id, telling)
  }
  const conduct = async (queued: Run): Promise<void> => {
    const run = await context.store.run(queued.id)
    if (run === undefined || run.end !== undefined || run.state === 'asking') return
    const cluster = context.clusters.get(run.spec.target.cluster)
    const adapter = context.adapters.get(run.message.platform)
    if (cluster === undefined || adapter === undefined) throw new Error(`run ${run.id}: no such cluster or chat here`)
    const report =
      run.fanOut === undefined ? openLiveMessage(adapter, run.message, context.log, context.timing) : silentLiveMessage
    const refused = await context.span(run.id, 'reauthorize', () => whyNot(context, run))
    const followed: Followed =
      refused === undefined
        ? await follow(context, run, { cluster, adapter, report, recording: await openTranscriptWriter(context, run) })
        : { end: refused, sha256: (await transcriptDigest(context, run.id)).digest('hex') }
    if ('refusal' in followed) {
      report.discard()
      // What is stored was set back: it goes on from there. Else another worker has it, and says how it ends.
      return followed.refusal === 'differs' ? conduct(queued) : undefined
    }
    const ended = await saveResult(context, run, followed)
    if (ended !== undefined) tellLater(ended, report)
    await followed.remove?.()
    while (untold.size > mostUntold) await Promise.race(untold.values())
  }
  return {
    run: conduct,
    deliverLater: tellLater,
    async delivered() {
      await Promise.all(untold.values())
    },
  }
}

/** Undefined where it may begin or go on. */
async function whyNot(context: WorkerContext, run: Run): Promise<End | undefined> {
  const broken = await brokenSeal(context, run)
  if (broken !== undefined || run.state !== 'queued') return broken
  return (await reauthorizeRun(context, run)) ?? (await checkImageUnchanged(context, run))
}

/** Nothing that somebody else wrote into Redis is run. */
async function brokenSeal(context: WorkerContext, run: Run): Promise<End | undefined> {
  if (!context.hasInvalidSignature(run)) return undefined
  context.log.error({ run: run.id }, 'ALARM: a run in the queue is not as any bot wrote it; it is not run')
  await context.audit('alarm', run.id, run.request.by.id, { why: 'broken seal' })
  const message = 'what was stored is not what was asked'
  return { reason: 'refused', at: context.now().toISOString(), message, complete: true }
}

type Way = { cluster: Cluster; adapter: ChatAdapter; report: LiveMessage; recording: TranscriptWriter }
type Followed = RunOutcome | { refusal: AppendRefusal }

const fullMessage = 'the output is longer than its limit, made visible; its beginning is kept'

/** Begins the tool, or takes it over, and follows it to its end, unless another worker follows it by then. */
async function follow(context: WorkerContext, run: Run, way: Way): Promise<Followed> {
  const { cluster, adapter, report, recording } = way
  const stop = new AbortController()
  let canceler: string | undefined
  const forget = await context.cancelBus.onCancel(run.id, (by) => {
    canceler = by
    stop.abort()
  })
  try {
    const fresh = run.state === 'queued'
    const stay = await (fresh
      ? placeRun(context, run, cluster)
      : placeAdoptedRun(context, run, cluster, recording.from))
    // First this: a worker killed between the two leaves a run that is lost, not one whose start is on record twice.
    const unsaved = fresh ? await begin(context, run, stay) : undefined
    if (unsaved !== undefined && 'reason' in unsaved) return { end: unsaved, sha256: recording.sha256() }
    let current: Run = unsaved ?? run
    if (current.tellingUntil !== undefined) report.pauseUntil(waitForMessageLock(context, current))
    await noteBegun(context, run)
    const show = (soon?: boolean) =>
      report.update(() => progress(context, current, recording, adapter.limits.outputChars), soon)
    show()
    const process = await stay.begin(stop.signal, async () => {
      current = await changed(context, current, { place: undefined })
    })
    // A tool that never starts leaves this open for ever; its ending is what counts then.
    let starting: Promise<void> | undefined
    void process.started.then((where) => {
      const startedAt = current.startedAt ?? context.now().toISOString()
      current = { ...current, state: 'running', startedAt }
      show()
      starting = started(context, process, stay, where, current).then(
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
    const byWhom = end.reason === 'canceled' && canceler !== undefined ? { message: `canceled by ${canceler}` } : {}
    await starting
    const cut = recording.isFull() ? { message: end.message ?? fullMessage, complete: false } : {}
    // By the clock that all share, not by this machine's.
    const ending = { ...end, at: context.now().toISOString(), ...cut, ...byWhom }
    const { remove } = process
    return {
      end: ending,
      sha256: recording.sha256(),
      remove,
      startedAt: current.startedAt,
      kept: await stay.ended(end),
    }
  } finally {
    await forget()
  }
}

async function noteBegun(context: WorkerContext, run: Run): Promise<void> {
  await saveOutcome(context, run).catch((error: unknown) =>
    context.log.warn({ run: run.id, error: String(error) }, 'a fan-out could not be told that a run has begun'),
  )
}

/** Saves that it begins, and records it; where that can't be done, nothing is run. */
async function begin(context: WorkerContext, run: Run, { place, details }: RunPlacement): Promise<Run | End> {
  const { node, image } = run.spec
  try {
    const begun = await context.span(run.id, 'save-start', () => changed(context, run, { state: 'starting', place }))
    const record = { spec: context.hash(run.spec), node, image, ...details }
    await context.span(run.id, 'audit-start', () => context.audit('started', run.id, run.request.by.id, record))
    return begun
  } catch (error) {
    context.log.error({ run: run.id, error: String(error) }, 'its start could not be saved, so it is not started')
    const message = isStoreFull(error)
      ? 'my store (Redis) is full, so nothing was run'
      : 'its start could not be put on record, so nothing was run'
    return { reason: 'refused', at: context.now().toISOString(), message, complete: true }
  }
}

/** Saves that it runs, and where, as far as anybody has to know. */
async function started(
  context: WorkerContext,
  process: DebugProcess,
  stay: RunPlacement,
  where: ContainerRef,
  run: Run,
): Promise<Run> {
  const place = (await stay.started(where)) ?? run.place
  // Most tools have ended by then, and need no word in between.
  if (place === run.place && (await isOver(process.ended))) return run
  const { startedAt } = run
  return changed(context, run, { state: 'running', ...(startedAt === undefined ? {} : { startedAt }), place })
}

/** True where it is over within a moment. */
async function isOver(ended: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const moment = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, atOnce, false)
  })
  return Promise.race([ended.then(() => true), moment]).finally(() => clearTimeout(timer))
}

async function changed(context: WorkerContext, run: Run, change: Partial<Run>): Promise<Run> {
  const saved = await context.store.changeRun(run.id, (now) =>
    now.end === undefined ? { ...now, ...change } : undefined,
  )
  return saved ?? { ...run, ...change }
}

function progress(context: WorkerContext, run: Run, recording: TranscriptWriter, chars: number): Message {
  if (run.startedAt === undefined) return { kind: 'starting', run: runCard(run) }
  const elapsed = Math.max(0, (context.now().getTime() - Date.parse(run.startedAt)) / 1_000)
  return { kind: 'running', run: runCard(run), output: recording.view(chars), elapsed }
}
