import type { V1Pod } from '@kubernetes/client-node'
import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import type { DebugProcess } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End, EndReason } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import { type ContainerRef, leavesSessionReusable } from '#core/sessions/session'
import { defined } from '#core/util/defined'
import { onAbort } from '#core/util/on-abort'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { followLog } from '#src/kubernetes/api/follow-log'
import { watchPod } from '#src/kubernetes/api/watch-pod'
import { containerState, describeContainerEnd, refOf } from '#src/kubernetes/workload/container-state'
import { whenNodeIsSilent, whyNotStarted } from '#src/kubernetes/workload/why-not-started'
import { podDeleted, whyStopped } from '#src/kubernetes/workload/why-stopped'
import type { Workload } from '#src/kubernetes/workload/workload'
import { createHandoff } from './async-channel.ts'
import { frameReader } from './runner-frames.ts'

/** Milliseconds after its deadline at which a tool that hasn't ended itself is ended from outside. */
export const deadlineGraceMs = 15_000

/** Milliseconds without output after which no more is expected of a tool that was stopped or has ended. */
export const stopGraceMs = 6_000

export type ProcessOptions = {
  connection: Connection
  /** Returns the connection that reads output: the person's, where the cluster lets the bot act for people. */
  acting: () => Promise<Connection>
  person: string
  workload: Workload
  spec: DebugSpec
  /** Point up to which the output was read before. */
  from?: OutputPoint | undefined
  log: Log
  /** Traces a step of this run. */
  span: <T>(step: TraceStep, work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/**
 * Follows a run's container from its creation to its end; `remove` cleans up after any end. `openPod`: creates the
 * container, or finds it.
 */
export function createProcess(options: ProcessOptions, openPod: () => Promise<V1Pod | undefined>): DebugProcess {
  const output = createHandoff<OutputChunk>()
  const leaveController = new AbortController()
  const { promise: started, resolve: start } = Promise.withResolvers<ContainerRef>()
  // Once a tool has begun, only the runner's last frame proves that its output is complete.
  let began = options.from !== undefined
  let ready = false
  const hooks = {
    put: output.put,
    left: leaveController.signal,
    started(pod: V1Pod) {
      began = true
      ready = true
      start(refOf(pod, options.workload.container))
    },
  }
  const podPromise = options.span('create-container', openPod)
  const ended = podPromise
    .then((pod) => followContainer(options, pod, hooks))
    .catch((error: unknown) =>
      ending('cluster-error', { message: describeError(error, options.person), complete: !began }),
    )
    .finally(output.close)
  const remove = async () => {
    const end = await ended
    if (options.workload.stays && ready && leavesSessionReusable(end)) return
    const pod = await podPromise.catch(() => undefined)
    if (pod !== undefined && !leaveController.signal.aborted) await removePod(options, pod)
  }
  const leave = () => {
    leaveController.abort()
    output.drop()
  }
  return { started, output: output.values, ended, remove, leave }
}

export type Put = (chunk: OutputChunk) => Promise<void>
type ProcessHooks = { put: Put; started: (pod: V1Pod) => void; left: AbortSignal }

async function followContainer(options: ProcessOptions, pod: V1Pod | undefined, hooks: ProcessHooks): Promise<End> {
  if (pod === undefined) {
    const message = 'its worker was interrupted, and the tool was not found'
    return ending('lost', { message, complete: false })
  }
  const start = await options.span('container-start', () => waitUntilStarted(options, pod, hooks.left))
  if (!start.ok) return { ...start.end, complete: options.from === undefined }
  hooks.started(pod)
  return readUntilEnded(options, pod, hooks)
}

async function removePod({ workload, log, signal }: ProcessOptions, pod: V1Pod): Promise<void> {
  // Only logged, because a pod that remains ends itself at its deadline, and is removed by the sweep.
  await workload.clean(pod).catch((error: unknown) => {
    log.error(
      { pod: pod.metadata?.name, canceled: signal.aborted, error: describeError(error) },
      'debug pod not removed',
    )
  })
}

type Started = { ok: true } | { ok: false; end: End }

/** Waits until the container runs or has run; `end`: that of a failed start. */
async function waitUntilStarted(options: ProcessOptions, createdPod: V1Pod, left: AbortSignal): Promise<Started> {
  const { connection, spec } = options
  const over = new AbortController()
  const silent = whenNodeIsSilent(connection, spec.node, AbortSignal.any([options.signal, left, over.signal]))
  return followStart(options, createdPod, { left, silent }).finally(() => over.abort())
}

/** Follows the start until it is decided, its time is over, or the node is silent. */
async function followStart(
  { connection, workload, spec, signal }: ProcessOptions,
  createdPod: V1Pod,
  { left, silent }: { left: AbortSignal; silent: AbortSignal },
): Promise<Started> {
  const failed = (...end: Parameters<typeof ending>) => ({ ok: false as const, end: ending(...end) })
  const startTimeout = AbortSignal.timeout(spec.startTimeout * 1_000)
  let newest = createdPod
  for await (const event of watchPod(connection, createdPod, AbortSignal.any([signal, startTimeout, left, silent]))) {
    if (event.type === 'gone') return failed('target-gone', { message: 'its pod was deleted before the tool started' })
    newest = event.pod
    const state = containerState(newest, workload.container)
    if (state.phase === 'running' || state.phase === 'terminated') return { ok: true }
    if (state.phase === 'never') return failed(state.reason, { message: state.message })
  }
  if (left.aborted) return failed('lost')
  if (signal.aborted) {
    const isStopped = await workload.stop(newest).then(
      () => true,
      () => false,
    )
    return failed('canceled', {
      message: `canceled before the tool started${isStopped ? '' : mayStartYet(spec)}`,
    })
  }
  const why = await whyNotStarted(connection, newest, workload.container)
  const within = silent.aborted ? '' : ` within ${spec.startTimeout} s`
  return failed('start-timeout', { message: `it did not start${within}: ${why}${mayStartYet(spec)}` })
}

/** Warns of a tool that may run although its run is over: Kubernetes can't remove an ephemeral container. */
function mayStartYet({ target }: DebugSpec): string {
  return target.kind === 'node'
    ? ''
    : '; its container can’t be removed from the pod: if it starts yet, the tool runs, until its deadline at most'
}

/** Reads the output to its end, while watching for a cancellation, an overdue tool, and a deleted pod. */
async function readUntilEnded(options: ProcessOptions, pod: V1Pod, { put, left }: ProcessHooks): Promise<End> {
  const { connection, workload, spec, signal, log } = options
  const frames = frameReader(options.from)
  const finished = new AbortController()
  onAbort(left, () => finished.abort())
  const termination: Termination = {}
  const noteTrouble = (error: unknown) => {
    termination.trouble = describeError(error, options.person)
  }
  // Repeats while output is read, because an ended tool may have left much, and its reader may be slow.
  let isPutting = false
  const giveUp = () => {
    const before = frames.point()?.next
    setTimeout(() => (isPutting || frames.point()?.next !== before ? giveUp() : finished.abort()), stopGraceMs).unref()
  }

  const cancel = () => {
    termination.reason = 'canceled'
    giveUp()
    workload.stop(pod).catch((error: unknown) => {
      termination.message = 'it could not be stopped; it ends at its deadline'
      log.warn({ error: describeError(error) }, 'the tool could not be stopped')
    })
  }
  const forget = onAbort(signal, cancel)
  const endOverdue = () => {
    if (termination.reason !== undefined) return
    termination.reason = 'deadline'
    finished.abort()
  }
  const deadline = setTimeout(endOverdue, spec.deadline * 1_000 + deadlineGraceMs)
  const watching = watchEnd(options, pod, finished.signal, ({ reason, message, guess, containerEnd }) => {
    termination.reason ??= reason
    if (message !== undefined) termination.message ??= message
    if (guess !== undefined) termination.guess ??= guess
    if (containerEnd !== undefined) termination.containerEnd ??= containerEnd
    giveUp()
  })

  const { promise: firstOutput, resolve: resolveFirstOutput } = Promise.withResolvers<void>()
  void options.span('first-output', () => firstOutput)
  try {
    const source = { pod, container: workload.container }
    for await (const chunk of followLog(await options.acting(), source, frames, finished.signal, noteTrouble)) {
      resolveFirstOutput()
      isPutting = true
      await put(chunk)
      isPutting = false
    }
  } finally {
    resolveFirstOutput()
    finished.abort()
    clearTimeout(deadline)
    forget()
    await watching
  }
  const end = toEnd(frames, termination)
  const otherwise = unexplained(frames, termination, end)
  if (otherwise === undefined) return end
  return { ...end, message: await whyStopped(connection, { ...placeOf(options, pod), endsWithTool: true, otherwise }) }
}

function placeOf({ workload, spec }: ProcessOptions, pod: V1Pod) {
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {}
  return {
    namespace,
    name,
    uid,
    container: workload.container,
    target: spec.target.kind === 'pod' ? spec.target.container : undefined,
  }
}

/** Reports a container that ended without the runner's last frame: it was killed, or its pod or node is gone. */
async function watchEnd(
  options: ProcessOptions,
  pod: V1Pod,
  signal: AbortSignal,
  reportEnd: (ended: Termination & { reason: EndReason }) => void,
): Promise<void> {
  const { connection, workload } = options
  try {
    for await (const event of watchPod(connection, pod, signal)) {
      if (event.type === 'gone') return reportEnd({ reason: 'target-gone', message: podDeleted })
      const state = containerState(event.pod, workload.container)
      if (state.phase === 'terminated' && state.exitCode > 128) {
        const guess = `the tool was killed from outside (${state.reason || `exit code ${state.exitCode}`})`
        return reportEnd({ reason: 'target-gone', guess })
      }
      if (state.phase === 'terminated')
        return reportEnd({ reason: 'cluster-error', containerEnd: describeContainerEnd(state) })
      if (state.phase === 'never') return reportEnd({ reason: 'target-gone', message: state.message })
    }
  } catch (error) {
    reportEnd({ reason: 'cluster-error', message: describeError(error) })
  }
}

/**
 * Facts about an end that the runner itself did not report. `message`: why, as the cluster says; `guess`: what is said where
 * its pod doesn't say why; `trouble`: the last problem of reading the output; `containerEnd`: how its container ended.
 */
export type Termination = {
  reason?: EndReason
  message?: string
  guess?: string
  trouble?: string
  containerEnd?: string
}

const reasons = { deadline: 'deadline', 'output-limit': 'output-limit' } as const

export function toEnd(frames: ReturnType<typeof frameReader>, termination: Termination): End {
  const trailer = frames.trailer()
  const gap = frames.gap()
  const { reason = 'lost', message: known, guess, trouble, containerEnd } = termination
  const message = [known, guess, trouble, frames.strange()].find((part) => part !== undefined && part !== '')
  if (trailer === undefined) {
    const details = [message ?? gap, reason === 'cluster-error' ? containerEnd : undefined]
    const text = details.filter((part) => part !== undefined).join('; ')
    return ending(reason, { message: text, complete: false })
  }
  const { why, exit: exitCode } = trailer
  const complete = gap === undefined
  const details = complete ? {} : { message: `${gap}; the output shown is incomplete` }
  if (why === 'ended') return ending(exitCode === 0 ? 'completed' : 'failed', { exitCode, complete, ...details })
  if (why !== 'stopped') return ending(reasons[why], { exitCode, complete, ...details })
  const stopped = termination.reason === 'canceled' ? 'canceled' : 'target-gone'
  return ending(stopped, {
    complete,
    message: stopped === 'canceled' ? undefined : 'it was stopped from outside while it ran',
  })
}

/**
 * Returns what is said of a tool that was stopped or killed, by nobody here, where its pod's state doesn't say why; undefined
 * for an end that is explained already.
 */
export function unexplained(
  frames: ReturnType<typeof frameReader>,
  termination: Termination,
  { reason, message = '' }: End,
): string | undefined {
  if (reason !== 'target-gone') return undefined
  const isExplained = frames.trailer() === undefined && termination.message !== undefined
  return isExplained ? undefined : message
}

export function ending(
  reason: EndReason,
  more: { exitCode?: number; message?: string | undefined; complete?: boolean } = {},
): End {
  const { exitCode, message, complete = true } = more
  return {
    reason,
    at: new Date().toISOString(),
    complete,
    ...defined({ exitCode, message }),
  }
}
