import type { OutputChunk, OutputPoint } from '#core/output/stored-output'
import type { DebugProcess } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import type { Session } from '#core/sessions/session'
import { describeError, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { linesOf } from '#src/kubernetes/api/lines'
import { sleep } from '#src/kubernetes/api/watch-pod'
import { containerState } from '#src/kubernetes/workload/container-state'
import { runnerPath, spoolCommand } from '#src/kubernetes/workload/pod-spec'
import { type Lost, whyExecEnded, whyNotConnected } from './exec-end.ts'
import type { ExecPool } from './exec-pool.ts'
import { frameReader } from './frames.ts'
import { createHandoff } from './handoff.ts'
import { deadlineGraceMs, ending, type Put, stopGraceMs, type Termination, toEnd } from './log-process.ts'

export type ExecOptions = {
  /** As the bot: cancels, and looks whether the pod stands. */
  connection: Connection
  /** As the person who asked, where the cluster lets the bot act for people. */
  acting: () => Promise<Connection>
  person: string
  /** Execs of the bot's own that stand ready. */
  standby: ExecPool
  runId: string
  spec: DebugSpec
  session: Session
  /** How far the output was read before. */
  from?: OutputPoint | undefined
  log: Log
  span: <T>(hop: TraceStep, work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

const firstPause = 50
const longestPause = 3_000
/** Milliseconds for which it is tried to begin, where nobody answers. */
const patience = 60_000
/** Milliseconds between two looks whether the pod is still there. */
const lookInterval = 10_000
/** Milliseconds between two tries to end the tool. */
const stopPause = 500
/** Milliseconds in which a program that stood ready has to say that the run began; else one is begun as if none had stood there. */
const standbyPatience = 2_000

/**
 * Begins a run's tool in a container that stands, or follows one that was begun there. Undefined where the container isn't there
 * any more, or (to follow) has no such run: then nothing was begun.
 */
export async function execInSession(options: ExecOptions, how: 'begin' | 'follow'): Promise<DebugProcess | undefined> {
  const output = createHandoff<OutputChunk>()
  const { promise: begun, resolve: begins } = Promise.withResolvers<boolean>()
  const { namespace, pod, uid, container } = options.session
  const left = new AbortController()
  const life = { put: output.put, started: () => begins(true), left: left.signal }
  const ended = follow(options, how, life)
    .catch((error: unknown) => ending('cluster-error', { message: describeError(error, options.person) }))
    .finally(output.close)
  void ended.then((end) => begins(end !== undefined))
  if (!(await options.span('exec-begin', () => begun))) return undefined
  const end = ended.then((end) => end ?? ending('lost'))
  return {
    started: Promise.resolve({ namespace, pod, uid, container }),
    output: output.values,
    ended: end,
    remove: async () => undefined,
    leave() {
      left.abort()
      output.drop()
    },
  }
}

type Life = { put: Put; started: () => void; left: AbortSignal }

/** What is known of the tool: `perhaps`, where a connection broke before anything was heard. */
type Begun = 'no' | 'perhaps' | 'yes'

/** Reads the run's frames over as many connections as it takes. Undefined where nothing was begun. */
async function follow(
  options: ExecOptions,
  how: 'begin' | 'follow',
  { put, started, left }: Life,
): Promise<End | undefined> {
  const { spec, runId } = options
  const frames = frameReader(options.from)
  const fate: Termination = {}
  const finished = new AbortController()
  left.addEventListener('abort', () => finished.abort(), { once: true })
  const settle = watchOver(options, fate, finished)
  const late = performance.now() + Math.min(spec.startTimeout * 1_000, patience)
  let begun = 'no' as Begun
  const begins = () => {
    begun = 'yes'
    started()
  }
  const hear = async (line: string) => {
    // From the file's first on, and in order: what would be missing is nowhere else.
    for (const chunk of frames.read([line], true).chunks) await put(chunk)
    return frames.trailer() !== undefined
  }
  try {
    for (let pause = firstPause; !finished.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      // Once it has begun nothing may begin it: its frames aren't kept for ever, and without them it would run again.
      const argv = how === 'begin' && begun !== 'yes' ? spoolCommand(runId, spec) : [runnerPath, '--follow', runId]
      const program = { argv, first: how === 'begin' && pause === firstPause }
      const lost = await listen(options, program, finished.signal, begins, hear)
      if (lost === undefined) break
      if (lost.final && begun === 'no') return undefined
      fate.trouble = lost.message
      if (lost.final || (begun !== 'yes' && performance.now() > late)) {
        fate.reason ??= lost.final ? 'target-gone' : 'cluster-error'
        break
      }
      if (begun === 'no' && lost.perhaps) begun = 'perhaps'
      await sleep(pause, finished.signal)
    }
    return toEnd(frames, fate)
  } finally {
    settle()
  }
}

/** `first`: nothing was tried before, so it may go by an exec that stands ready. */
type Program = { argv: readonly string[]; first: boolean }

/** One connection's worth of frames. Undefined when the last one has come. */
async function listen(
  { connection, acting, standby, runId, spec, session, person, span }: ExecOptions,
  { argv, first }: Program,
  finished: AbortSignal,
  begins: () => void,
  hear: (line: string) => Promise<boolean>,
): Promise<Lost | undefined> {
  const { promise: spoken, resolve: speaks } = Promise.withResolvers<void>()
  let silent: NodeJS.Timeout | undefined
  try {
    const exec = await span('exec-open', async () => {
      const own = await acting()
      const ready = first && own === connection ? standby.take(session, runId, spec) : undefined
      if (ready !== undefined) silent = setTimeout(ready.close, standbyPatience)
      return ready ?? own.openExec(session, argv)
    })
    finished.addEventListener('abort', exec.close, { once: true })
    try {
      for await (const line of linesOf(exec.stdout)) {
        // The runner's first word, before any of the tool's.
        if (line.startsWith('b ')) {
          clearTimeout(silent)
          begins()
          void span('first-output', () => spoken)
          continue
        }
        speaks()
        if (await hear(line)) return undefined
      }
      return whyExecEnded(await exec.ended)
    } finally {
      finished.removeEventListener('abort', exec.close)
      exec.close()
    }
  } catch (error) {
    return whyNotConnected(error, person)
  } finally {
    clearTimeout(silent)
    speaks()
  }
}

/** Ends the tool when it is canceled or late, and gives up on it when its pod is gone. Answers the way to stop that. */
function watchOver(options: ExecOptions, fate: Termination, finished: AbortController): () => void {
  const { connection, runId, spec, session, signal, log } = options
  const giveUp = (delay: number) => setTimeout(() => finished.abort(), delay).unref()
  const cancel = async () => {
    fate.reason = 'canceled'
    giveUp(stopGraceMs)
    // It may just be about to begin.
    for (let told = false; !told && !finished.signal.aborted; ) {
      const said = await connection.exec(session, [runnerPath, '--cancel', runId]).catch(describeError)
      told = said === ''
      if (!told) log.debug({ run: runId, said }, 'the tool could not be ended yet')
      if (!told) await sleep(stopPause, finished.signal)
    }
  }
  if (signal.aborted) void cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  const look = setInterval(async () => {
    const problem = await whyGone(connection, session).catch(() => undefined)
    if (problem === undefined) return
    fate.reason ??= 'target-gone'
    fate.message ??= problem
    giveUp(stopGraceMs)
  }, lookInterval)
  const deadline = setTimeout(
    () => {
      fate.reason ??= 'deadline'
      giveUp(0)
    },
    spec.deadline * 1_000 + deadlineGraceMs,
  )
  return () => {
    finished.abort()
    clearInterval(look)
    clearTimeout(deadline)
    signal.removeEventListener('abort', cancel)
  }
}

/** Why a container isn't there any more; undefined where it is. */
async function whyGone({ core }: Connection, { namespace, pod: name, uid, container }: Session) {
  const pod = await core.readNamespacedPod({ namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  if (pod === undefined || pod.metadata?.uid !== uid) return 'its pod was deleted while the tool ran'
  return containerState(pod, container).phase === 'running' ? undefined : 'its container ended while the tool ran'
}
