import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import type { DebugProcess } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import type { TraceStep } from '#core/runs/trace-steps'
import type { Session } from '#core/sessions/session'
import { delay } from '#core/util/delay'
import { onAbort } from '#core/util/on-abort'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { findPod } from '#src/kubernetes/api/find-pod'
import { linesOf } from '#src/kubernetes/api/lines'
import { containerState } from '#src/kubernetes/workload/container-state'
import { runnerPath, spoolCommand } from '#src/kubernetes/workload/pod-spec'
import { whyStopped } from '#src/kubernetes/workload/why-stopped'
import { createHandoff } from './async-channel.ts'
import { type Lost, whyExecEnded, whyNotConnected } from './exec-end.ts'
import type { ExecPool } from './exec-pool.ts'
import { deadlineGraceMs, ending, type Put, stopGraceMs, type Termination, toEnd, unexplained } from './log-process.ts'
import { frameReader } from './runner-frames.ts'

export type ExecOptions = {
  /** Connection of the bot's own account: cancels the run, and checks whether the pod exists. */
  connection: Connection
  /** Returns the connection of the person who asked, where the cluster lets the bot act for people. */
  acting: () => Promise<Connection>
  person: string
  /** Ready execs of the bot's own account. */
  standby: ExecPool
  runId: string
  /** Key of the run's frames (32 bytes), and those with which other processes may have begun it. */
  key: Buffer
  otherKeys?: readonly Buffer[]
  spec: DebugSpec
  session: Session
  /** Point up to which the output was read before. */
  from?: OutputPoint | undefined
  log: Log
  span: <T>(step: TraceStep, work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

const firstDelayMs = 50
const maxDelayMs = 3_000
/** Time limit in milliseconds for beginning a run while nothing confirms that it has begun. */
const beginTimeoutMs = 60_000
/** Milliseconds between two checks whether the pod still exists. */
const podCheckIntervalMs = 10_000
/** Milliseconds between two attempts to end the tool. */
const cancelRetryMs = 500
/**
 * Milliseconds within which a ready exec has to report that the run began; otherwise the run is begun with a new exec.
 */
const standbyTimeoutMs = 2_000

/**
 * Begins a run's tool in a session's container (`begin`), or follows a run that was begun there (`follow`). Returns
 * undefined if nothing was begun: the container no longer exists or, for `follow`, has no such run.
 */
export async function execInSession(options: ExecOptions, how: 'begin' | 'follow'): Promise<DebugProcess | undefined> {
  const output = createHandoff<OutputChunk>()
  const { promise: begun, resolve: resolveBegun } = Promise.withResolvers<boolean>()
  const { namespace, pod, uid, container } = options.session
  const leaveController = new AbortController()
  const hooks = { put: output.put, started: () => resolveBegun(true), left: leaveController.signal }
  const ended = followRun(options, how, hooks)
    .catch((error: unknown) => ending('cluster-error', { message: describeError(error, options.person) }))
    .finally(output.close)
  void ended.then((end) => resolveBegun(end !== undefined))
  if (!(await options.span('exec-begin', () => begun))) return undefined
  const end = ended.then((end) => end ?? ending('lost'))
  return {
    started: Promise.resolve({ namespace, pod, uid, container }),
    output: output.values,
    ended: end,
    remove: async () => undefined,
    leave() {
      leaveController.abort()
      output.drop()
    },
  }
}

type FollowHooks = { put: Put; started: () => void; left: AbortSignal }

/** Whether the tool has begun. `perhaps`: a connection broke before its first line arrived. */
type Begun = 'no' | 'perhaps' | 'yes'

/** Reads the run's frames and reconnects until the last one. Returns undefined if nothing was begun. */
async function followRun(
  options: ExecOptions,
  how: 'begin' | 'follow',
  { put, started, left }: FollowHooks,
): Promise<End | undefined> {
  const { spec, runId } = options
  const frames = frameReader(options.from, { runId, keys: [options.key, ...(options.otherKeys ?? [])] })
  const termination: Termination = {}
  const finished = new AbortController()
  onAbort(left, () => finished.abort())
  const stopSupervision = superviseRun(options, termination, finished)
  const beginBy = performance.now() + Math.min(spec.startTimeout * 1_000, beginTimeoutMs)
  let begun = 'no' as Begun
  const markBegun = () => {
    begun = 'yes'
    started()
  }
  const readLine = async (line: string) => {
    // `isLost` is true: the runner sends its file from the first frame on and in order, so no other source has missing
    // frames.
    for (const chunk of frames.read([line], true).chunks) await put(chunk)
    return frames.trailer() !== undefined
  }
  try {
    for (let delayMs = firstDelayMs; !finished.signal.aborted; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      // A run that has begun is only followed: its frames aren't stored forever, and without them it would run again.
      const begins = how === 'begin' && begun !== 'yes'
      const argv = begins ? spoolCommand(runId, spec) : [runnerPath, '--follow', runId]
      const program = { argv, begins, first: how === 'begin' && delayMs === firstDelayMs }
      const lost = await readConnection(options, program, finished.signal, markBegun, readLine)
      if (lost === 'ended') break
      if (lost.final && begun === 'no') return undefined
      termination.trouble = lost.message
      if (lost.final || (begun !== 'yes' && performance.now() > beginBy)) {
        termination.reason ??= lost.final ? 'target-gone' : 'cluster-error'
        break
      }
      if (begun === 'no' && lost.perhaps) begun = 'perhaps'
      await delay(delayMs, finished.signal)
    }
    const end = toEnd(frames, termination)
    const otherwise = unexplained(frames, termination, end)
    if (otherwise === undefined) return end
    const place = { ...placeOf(options), endsWithTool: false, otherwise }
    return { ...end, message: await whyStopped(options.connection, place) }
  } finally {
    stopSupervision()
  }
}

/**
 * Program to execute. `first`: no attempt was made before, so that a ready exec may be used. `begins`: it reads the key
 * of the run's frames from its standard input.
 */
type Program = { argv: readonly string[]; first: boolean; begins: boolean }

/** Reads the frames that one connection delivers. `ended`: the last frame is among them. */
async function readConnection(
  { connection, acting, standby, runId, key, spec, session, person, span }: ExecOptions,
  { argv, first, begins }: Program,
  finished: AbortSignal,
  markBegun: () => void,
  readLine: (line: string) => Promise<boolean>,
): Promise<Lost | 'ended'> {
  const { promise: firstOutput, resolve: resolveFirstOutput } = Promise.withResolvers<void>()
  let standbyTimer: NodeJS.Timeout | undefined
  try {
    const exec = await span('exec-open', async () => {
      const runConnection = await acting()
      const readyExec = first && runConnection === connection ? standby.take(session, { runId, key, spec }) : undefined
      if (readyExec !== undefined) standbyTimer = setTimeout(readyExec.close, standbyTimeoutMs)
      if (readyExec !== undefined || !begins) return readyExec ?? runConnection.openExec(session, argv)
      const opened = await runConnection.openExec(session, argv, { stdin: true })
      opened.write(`${key.toString('base64')}\n`)
      return opened
    })
    const forget = onAbort(finished, exec.close)
    try {
      for await (const line of linesOf(exec.stdout)) {
        // The runner's first line, before any output of the tool: the run has begun.
        if (line.startsWith('b ')) {
          clearTimeout(standbyTimer)
          markBegun()
          void span('first-output', () => firstOutput)
          continue
        }
        resolveFirstOutput()
        if (await readLine(line)) return 'ended'
      }
      return whyExecEnded(await exec.ended)
    } finally {
      forget()
      exec.close()
    }
  } catch (error) {
    return whyNotConnected(error, person)
  } finally {
    clearTimeout(standbyTimer)
    resolveFirstOutput()
  }
}

/**
 * Ends the tool when it is canceled or overdue, and aborts `finished` when its pod is gone. Returns a function that
 * stops the supervision.
 */
function superviseRun(options: ExecOptions, termination: Termination, finished: AbortController): () => void {
  const { connection, runId, spec, session, signal, log } = options
  const giveUp = (delayMs: number) => setTimeout(() => finished.abort(), delayMs).unref()
  const cancel = async () => {
    termination.reason = 'canceled'
    giveUp(stopGraceMs)
    // Retries, because the run may be about to begin.
    for (let canceled = false; !canceled && !finished.signal.aborted; ) {
      const response = await connection.exec(session, [runnerPath, '--cancel', runId]).catch(describeError)
      canceled = response === ''
      if (!canceled) log.debug({ run: runId, said: response }, 'the tool could not be stopped yet')
      if (!canceled) await delay(cancelRetryMs, finished.signal)
    }
  }
  const forget = onAbort(signal, () => void cancel())
  const podCheck = setInterval(async () => {
    const runs = await isRunning(connection, placeOf(options)).catch(() => true)
    if (runs) return
    termination.reason ??= 'target-gone'
    termination.guess ??= 'its container ended while the tool ran'
    giveUp(stopGraceMs)
  }, podCheckIntervalMs)
  const deadline = setTimeout(
    () => {
      termination.reason ??= 'deadline'
      giveUp(0)
    },
    spec.deadline * 1_000 + deadlineGraceMs,
  )
  return () => {
    finished.abort()
    clearInterval(podCheck)
    clearTimeout(deadline)
    forget()
  }
}

function placeOf({ session, spec }: Pick<ExecOptions, 'session' | 'spec'>) {
  const { namespace, pod: name, uid, container } = session
  const target = spec.target.kind === 'pod' ? spec.target.container : undefined
  return { namespace, name, uid, container, target }
}

/** Resolves with whether a container runs. Rejects with the API server's error. */
async function isRunning(connection: Connection, place: ReturnType<typeof placeOf>): Promise<boolean> {
  const pod = await findPod(connection, place)
  return pod?.metadata?.uid === place.uid && containerState(pod, place.container).phase === 'running'
}
