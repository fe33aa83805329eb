import type { V1Pod } from '@kubernetes/client-node'
import type { DebugSpec } from '#core/debug-spec'
import type { DebugProcess, Log, OutputChunk } from '#core/ports'
import type { End, EndReason } from '#core/run'
import { type ContainerRef, leavesReady } from '#core/session'
import { describeError } from './api-error.ts'
import { channel } from './channel.ts'
import type { Connection } from './connection.ts'
import { containerState, refOf } from './container-state.ts'
import { frameReader } from './frames.ts'
import { followLog } from './log.ts'
import { watchPod } from './watch.ts'
import { whyNotStarted } from './why-not-started.ts'
import type { Work } from './work.ts'

/** Milliseconds beyond its deadline after which a tool that hasn't ended itself is ended from outside. */
export const deadlineGrace = 15_000

/** Milliseconds that a stopped tool has to say its last word. */
export const stopGrace = 6_000

export type ProcessOptions = {
  connection: Connection
  /** As the person who asked, where the cluster lets the bot act for people: output is read by it. */
  acting: () => Promise<Connection>
  person: string
  work: Work
  spec: DebugSpec
  log: Log
  /** Notes how long a hop of this run takes. */
  span: <T>(hop: string, work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/** Follows a run's container from its making (or finding) to its end, and cleans up whatever the ending. */
export function openProcess(options: ProcessOptions, first: () => Promise<V1Pod | undefined>): DebugProcess {
  const output = channel<OutputChunk>()
  const { promise: started, resolve: start } = Promise.withResolvers<ContainerRef>()
  let ready = false
  const starts = (pod: V1Pod) => {
    ready = true
    start(refOf(pod, options.work.container))
  }
  const made = options.span('make the container', first)
  const ended = made
    .then((pod) => live(options, pod, output.put, starts))
    .catch((error: unknown) => ending('cluster-error', { message: describeError(error, options.person) }))
    .finally(output.close)
  // Nobody who waits for the ending waits for this.
  const gone = ended.then(async (end) => {
    if (options.work.stays && ready && leavesReady(end)) return
    const pod = await made.catch(() => undefined)
    if (pod !== undefined) await cleanUp(options, pod)
  })
  return { started, output: output.values, ended, gone }
}

export type Put = (chunk: OutputChunk) => Promise<void>

async function live(
  options: ProcessOptions,
  pod: V1Pod | undefined,
  put: Put,
  started: (pod: V1Pod) => void,
): Promise<End> {
  if (pod === undefined)
    return ending('lost', { message: 'its worker was cut off, and no trace of the tool was found' })
  const begun = await options.span('the container starts', () => untilStarted(options, pod))
  if (begun !== undefined) return begun
  started(pod)
  return untilEnded(options, pod, put)
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
): Promise<End | undefined> {
  const late = AbortSignal.timeout(spec.startTimeout * 1_000)
  let newest = first
  for await (const event of watchPod(connection, first, AbortSignal.any([signal, late]))) {
    if (event.type === 'gone') return ending('target-gone', { message: 'its pod was deleted before the tool started' })
    newest = event.pod
    const state = containerState(newest, work.container)
    if (state.phase === 'running' || state.phase === 'terminated') return undefined
    if (state.phase === 'never') return ending(state.reason, { message: state.message })
  }
  if (signal.aborted) {
    await work.stop(newest).catch(() => undefined)
    return ending('canceled', { message: 'canceled before the tool started' })
  }
  const why = await whyNotStarted(connection, newest, work.container)
  return ending('start-timeout', { message: `it did not start within ${spec.startTimeout} s: ${why}` })
}

/** Reads the output to its end, while watching for a cancellation, a tool that won't end, and a pod that goes away. */
async function untilEnded(options: ProcessOptions, pod: V1Pod, put: Put): Promise<End> {
  const { work, spec, signal, log } = options
  const frames = frameReader()
  const finished = new AbortController()
  const fate: Fate = {}
  const note = (error: unknown) => {
    fate.trouble = describeError(error, options.person)
  }
  const giveUp = (delay: number) => setTimeout(() => finished.abort(), delay).unref()

  const cancel = () => {
    fate.reason = 'canceled'
    giveUp(stopGrace)
    work.stop(pod).catch((error: unknown) => {
      fate.message = 'it could not be stopped at once; it ends at its deadline'
      log.warn({ error: describeError(error) }, 'stop failed')
    })
  }
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  const deadline = setTimeout(
    () => {
      fate.reason ??= 'deadline'
      giveUp(0)
    },
    spec.deadline * 1_000 + deadlineGrace,
  )
  const watching = watchEnd(options, pod, finished.signal, (reason, message) => {
    fate.reason ??= reason
    if (message !== undefined) fate.message ??= message
    giveUp(stopGrace)
  })

  const { promise: spoken, resolve: speaks } = Promise.withResolvers<void>()
  void options.span('its first output', () => spoken)
  try {
    for await (const line of followLog(await options.acting(), pod, work.container, finished.signal, note)) {
      speaks()
      const chunk = frames.read(line)
      if (chunk !== undefined && chunk.text !== '') await put(chunk)
      if (frames.trailer() !== undefined) break
    }
  } finally {
    speaks()
    finished.abort()
    clearTimeout(deadline)
    signal.removeEventListener('abort', cancel)
    await watching
  }
  return verdict(frames, fate)
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
export type Fate = { reason?: EndReason; message?: string; trouble?: string }

const reasons = { deadline: 'deadline', 'output-limit': 'output-limit' } as const

export function verdict(frames: ReturnType<typeof frameReader>, fate: Fate): End {
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
