import type { V1Pod } from '@kubernetes/client-node'
import type { OutputChunk, OutputPoint } from '#core/output/stored-output'
import type { DebugProcess } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End, EndReason } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import { type ContainerRef, leavesSessionReusable } from '#core/sessions/session'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { followLog } from '#src/kubernetes/api/follow-log'
import { watchPod } from '#src/kubernetes/api/watch-pod'
import { containerState, refOf } from '#src/kubernetes/workload/container-state'
import { whyNotStarted } from '#src/kubernetes/workload/why-not-started'
import type { Workload } from '#src/kubernetes/workload/workload'
import { frameReader } from './frames.ts'
import { createHandoff } from './handoff.ts'

/** Milliseconds beyond its deadline after which a tool that hasn't ended itself is ended from outside. */
export const deadlineGraceMs = 15_000

/** Milliseconds without a word after which nothing more is expected of a tool that was stopped or has ended. */
export const stopGraceMs = 6_000

export type ProcessOptions = {
  connection: Connection
  /** As the person who asked, where the cluster lets the bot act for people: output is read by it. */
  acting: () => Promise<Connection>
  person: string
  work: Workload
  spec: DebugSpec
  /** How far the output was read before. */
  from?: OutputPoint | undefined
  log: Log
  /** Traces a step of this run. */
  span: <T>(hop: TraceStep, work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/** Follows a run's container from its making (or finding) to its end, and cleans up whatever the ending. */
export function openProcess(options: ProcessOptions, first: () => Promise<V1Pod | undefined>): DebugProcess {
  const output = createHandoff<OutputChunk>()
  const left = new AbortController()
  const { promise: started, resolve: start } = Promise.withResolvers<ContainerRef>()
  // Of a tool that began, only a last word of its own proves that nothing is missing.
  let began = options.from !== undefined
  let ready = false
  const life = {
    put: output.put,
    left: left.signal,
    started(pod: V1Pod) {
      began = true
      ready = true
      start(refOf(pod, options.work.container))
    },
  }
  const made = options.span('create-container', first)
  const ended = made
    .then((pod) => live(options, pod, life))
    .catch((error: unknown) =>
      ending('cluster-error', { message: describeError(error, options.person), complete: !began }),
    )
    .finally(output.close)
  const remove = async () => {
    const end = await ended
    if (options.work.stays && ready && leavesSessionReusable(end)) return
    const pod = await made.catch(() => undefined)
    if (pod !== undefined && !left.signal.aborted) await cleanUp(options, pod)
  }
  const leave = () => {
    left.abort()
    output.drop()
  }
  return { started, output: output.values, ended, remove, leave }
}

export type Put = (chunk: OutputChunk) => Promise<void>
type Life = { put: Put; started: (pod: V1Pod) => void; left: AbortSignal }

async function live(options: ProcessOptions, pod: V1Pod | undefined, life: Life): Promise<End> {
  if (pod === undefined) {
    const message = 'its worker was cut off, and no trace of the tool was found'
    return ending('lost', { message, complete: false })
  }
  const begun = await options.span('container-start', () => untilStarted(options, pod, life.left))
  if (begun !== undefined) return { ...begun, complete: options.from === undefined }
  life.started(pod)
  return untilEnded(options, pod, life)
}

async function cleanUp({ work, log, signal }: ProcessOptions, pod: V1Pod): Promise<void> {
  // A last try is worth it: what stays is removed by the sweep, and ends itself at its deadline.
  await work.clean(pod).catch((error: unknown) => {
    log.error(
      { pod: pod.metadata?.name, canceled: signal.aborted, error: describeError(error) },
      'debug pod not removed',
    )
  })
}

/** Undefined once the container runs or has run; else the ending of a start that failed. */
async function untilStarted(
  { connection, work, spec, signal }: ProcessOptions,
  first: V1Pod,
  left: AbortSignal,
): Promise<End | undefined> {
  const late = AbortSignal.timeout(spec.startTimeout * 1_000)
  let newest = first
  for await (const event of watchPod(connection, first, AbortSignal.any([signal, late, left]))) {
    if (event.type === 'gone') return ending('target-gone', { message: 'its pod was deleted before the tool started' })
    newest = event.pod
    const state = containerState(newest, work.container)
    if (state.phase === 'running' || state.phase === 'terminated') return undefined
    if (state.phase === 'never') return ending(state.reason, { message: state.message })
  }
  if (left.aborted) return ending('lost')
  if (signal.aborted) {
    await work.stop(newest).catch(() => undefined)
    return ending('canceled', { message: 'canceled before the tool started' })
  }
  const why = await whyNotStarted(connection, newest, work.container)
  return ending('start-timeout', { message: `it did not start within ${spec.startTimeout} s: ${why}` })
}

/** Reads the output to its end, while watching for a cancellation, a tool that won't end, and a pod that goes away. */
async function untilEnded(options: ProcessOptions, pod: V1Pod, { put, left }: Life): Promise<End> {
  const { work, spec, signal, log } = options
  const frames = frameReader(options.from)
  const finished = new AbortController()
  left.addEventListener('abort', () => finished.abort(), { once: true })
  const fate: Termination = {}
  const note = (error: unknown) => {
    fate.trouble = describeError(error, options.person)
  }
  // Much output of a tool that has ended may be left to read, and its reader may be slow.
  let handing = false
  const giveUp = () => {
    const before = frames.point()?.next
    setTimeout(() => (handing || frames.point()?.next !== before ? giveUp() : finished.abort()), stopGraceMs).unref()
  }

  const cancel = () => {
    fate.reason = 'canceled'
    giveUp()
    work.stop(pod).catch((error: unknown) => {
      fate.message = 'it could not be stopped at once; it ends at its deadline'
      log.warn({ error: describeError(error) }, 'stop failed')
    })
  }
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  const overdue = () => {
    if (fate.reason !== undefined) return
    fate.reason = 'deadline'
    finished.abort()
  }
  const deadline = setTimeout(overdue, spec.deadline * 1_000 + deadlineGraceMs)
  const watching = watchEnd(options, pod, finished.signal, (reason, message) => {
    fate.reason ??= reason
    if (message !== undefined) fate.message ??= message
    giveUp()
  })

  const { promise: spoken, resolve: speaks } = Promise.withResolvers<void>()
  void options.span('first-output', () => spoken)
  try {
    const place = { pod, container: work.container }
    for await (const chunk of followLog(await options.acting(), place, frames, finished.signal, note)) {
      speaks()
      handing = true
      await put(chunk)
      handing = false
    }
  } finally {
    speaks()
    finished.abort()
    clearTimeout(deadline)
    signal.removeEventListener('abort', cancel)
    await watching
  }
  return toEnd(frames, fate)
}

/** Says why a container's end came without its own word: it was killed, or its pod or node is gone. */
async function watchEnd(
  { connection, work }: ProcessOptions,
  pod: V1Pod,
  signal: AbortSignal,
  over: (reason: EndReason, message?: string) => void,
): Promise<void> {
  try {
    for await (const event of watchPod(connection, pod, signal)) {
      if (event.type === 'gone') return over('target-gone', 'its pod was deleted while the tool ran')
      const state = containerState(event.pod, work.container)
      if (state.phase === 'terminated' && state.exitCode > 128) {
        return over(
          'target-gone',
          `the tool was killed from outside (${state.reason || `exit code ${state.exitCode}`})`,
        )
      }
      if (state.phase === 'terminated') return over('cluster-error')
      if (state.phase === 'never') return over('target-gone', state.message)
    }
  } catch (error) {
    over('cluster-error', describeError(error))
  }
}

/** What is known of an end that the runner itself didn't tell. */
export type Termination = { reason?: EndReason; message?: string; trouble?: string }

const reasons = { deadline: 'deadline', 'output-limit': 'output-limit' } as const

export function toEnd(frames: ReturnType<typeof frameReader>, fate: Termination): End {
  const trailer = frames.trailer()
  const gap = frames.gap()
  const message = [fate.message, fate.trouble, frames.strange()].find((part) => part !== undefined && part !== '')
  if (trailer === undefined) return ending(fate.reason ?? 'lost', { message: message ?? gap, complete: false })
  const { why, exit: exitCode } = trailer
  const complete = gap === undefined
  const said = complete ? {} : { message: `${gap}; what is shown is incomplete` }
  if (why === 'ended') return ending(exitCode === 0 ? 'completed' : 'failed', { exitCode, complete, ...said })
  if (why !== 'stopped') return ending(reasons[why], { exitCode, complete, ...said })
  const stopped = fate.reason === 'canceled' ? 'canceled' : 'target-gone'
  return ending(stopped, {
    complete,
    message: stopped === 'canceled' ? undefined : 'its pod was deleted while the tool ran',
  })
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
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(message === undefined ? {} : { message }),
  }
}
