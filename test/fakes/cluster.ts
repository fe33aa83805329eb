import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import { nodeAccessOf } from '#core/request/node-access'
import type { NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import { leavesSessionReusable, type SessionLifetime } from '#core/sessions/session'

/** What a tool does: text to standard output, a pause in milliseconds or until something happens, or its end. */
export type Step =
  | { out: string }
  | { err: string }
  | { pause: number }
  | { until: Promise<unknown> }
  | { end: Partial<End> }
/** What runs for an argv: by the first word of the first stage. */
export type Tools = Record<string, (argv: readonly string[], spec: DebugSpec) => Step[]>

export type FakeCluster = Cluster & {
  /** Ids of runs whose pod stands at the moment. */
  live: Map<string, DebugSpec>
  /** Every run that was begun in a container of its own, in order. */
  launched: { id: string; spec: DebugSpec; stay?: SessionLifetime }[]
  /** Every run that was begun in a container that stood, in order, and whose that was. */
  entered: { id: string; spec: DebugSpec; host: string }[]
  /** Whose containers were made ready for the next run, in order. */
  readied: string[]
  /** What resolving a target by this name answers. */
  problems: Map<string, TargetProblem>
  /** Why admission refuses what is asked of a target by this name. */
  refusals: Map<string, string>
}

const linux = { ready: true, os: 'linux', version: 'v1.36.0' }

/** A cluster in memory with two Linux nodes, a Windows node and a pod; its tools, and further nodes, are given. Its pods go on whoever follows them, and end with their run, as the real one's do. */
export function fakeCluster(
  name: string,
  tools: Tools,
  more: readonly NodeInfo[] = [],
  morePods: readonly PodInfo[] = [],
): FakeCluster {
  const nodes: NodeInfo[] = [
    { ...linux, uid: 'uid-node001', name: 'node001', labels: { pool: 'web' } },
    { ...linux, uid: 'uid-node002', name: 'node002', labels: { pool: 'db' } },
    { ...linux, uid: 'uid-win001', name: 'win001', os: 'windows', labels: {} },
    ...more,
  ]
  const pod = { namespace: 'shop', namespaceLabels: {}, phase: 'Running', node: 'node001', labels: { app: 'web' } }
  const pods: PodInfo[] = [{ ...pod, uid: 'uid-web-1', name: 'web-1' }, ...morePods]
  const live = new Map<string, DebugSpec>()
  const launched: FakeCluster['launched'] = []
  const entered: FakeCluster['entered'] = []
  const readied: string[] = []
  const problems = new Map<string, TargetProblem>()
  const refusals = new Map<string, string>()

  const facts = (target: Target): TargetFacts | TargetProblem => {
    const problem = problems.get(target.name)
    if (problem !== undefined) return problem
    const missing = { problem: 'missing' as const, message: `There is no ${target.kind} "${target.name}".` }
    if (target.kind === 'pod') {
      const found = pods.find((each) => each.name === target.name && each.namespace === target.namespace)
      if (found === undefined) return missing
      const opens = found.access === undefined ? [] : nodeAccessOf(found.access, target.container)
      const nodeLabels = nodes.find(({ name }) => name === found.node)?.labels ?? {}
      const { node, labels } = found
      return { uid: `uid-${found.name}`, node, os: 'linux', labels, namespaceLabels: {}, opens, nodeLabels }
    }
    const found = nodes.find((each) => each.name === target.name)
    if (found === undefined) return missing
    if (found.os === 'windows') return { problem: 'windows', message: `${target.name} is a Windows node.` }
    return { uid: `uid-${found.name}`, node: found.name, os: 'linux', labels: found.labels, namespaceLabels: {} }
  }

  const logs = new Map<string, FakeLog>()
  const plays = ({ id, spec }: DebugRun): FakeLog => {
    const argv = spec.pipeline[0] ?? []
    const steps = tools[argv[0] ?? '']?.(argv, spec) ?? [{ end: { reason: 'failed', exitCode: 127 } }]
    const log = play(steps, spec)
    logs.set(id, log)
    return log
  }
  const begin = (run: DebugRun, signal: AbortSignal): DebugProcess => {
    const { id, spec, stay } = run
    launched.push({ id, spec, ...(stay === undefined ? {} : { stay }) })
    live.set(id, spec)
    return follow(plays(run), run, signal)
  }
  const follow = (log: FakeLog, run: DebugRun, signal: AbortSignal) => {
    const leaves = (end: End) => run.stay !== undefined && leavesSessionReusable(end)
    const remove = (end: End) => void (leaves(end) || live.delete(run.id))
    return followed(log, run, signal, { host: run.id, stands: () => live.has(run.id), remove })
  }
  const enter: Cluster['execInSession'] = async (run, { run: host }, how, signal) => {
    const { id, spec } = run
    const before = entered.some((each) => each.id === id) ? logs.get(id) : undefined
    if (!live.has(host) || (how === 'follow' && before === undefined)) return undefined
    if (before === undefined) entered.push({ id, spec, host })
    return followed(before ?? plays(run), run, signal, { host, stands: () => live.has(host), remove: () => undefined })
  }

  return {
    name,
    live,
    launched,
    entered,
    readied,
    problems,
    refusals,
    nodes: async () => nodes,
    pods: async (namespace) => pods.filter((each) => each.namespace === namespace),
    resolve: async (target) => facts(target),
    dryRun: async (run) => refusals.get(run.spec.target.name),
    launch: begin,
    adopt: (run, signal) => {
      const log = live.has(run.id) ? logs.get(run.id) : undefined
      return follow(log ?? lostLog, run, signal)
    },
    canKeepSession: async () => true,
    execInSession: enter,
    prewarmExec: async (_run, { run: host }) => void readied.push(host),
    close: () => undefined,
    end: async ({ run }) => void live.delete(run),
    reap: async (alive) => {
      const dead: string[] = []
      for (const id of live.keys()) if (!(await alive(id))) dead.push(id)
      for (const id of dead) live.delete(id)
      return dead
    },
    check: async () => undefined,
  }
}

/** What a tool's container has written so far, whoever reads it. */
type FakeLog = {
  pieces: { stream: OutputChunk['stream']; at: string; text: string }[]
  end?: Partial<End>
  stop: AbortController
  /** Calls back once when there is more. */
  more: Set<() => void>
}

const lostMessage = 'its worker was cut off, and no trace of the tool was found'
const lostLog: FakeLog = {
  ...{ pieces: [], stop: new AbortController(), more: new Set() },
  end: { reason: 'lost', message: lostMessage, complete: false },
}

const now = () => new Date().toISOString()

/** A container goes on by itself, whether anybody reads what it writes or not. */
function play(steps: readonly Step[], spec: DebugSpec): FakeLog {
  const log: FakeLog = { pieces: [], stop: new AbortController(), more: new Set() }
  const tell = () => {
    for (const callback of [...log.more]) callback()
  }
  let bytes = 0
  const write = (step: { out: string } | { err: string }) => {
    const text = 'out' in step ? step.out : step.err
    bytes += Buffer.byteLength(text)
    log.pieces.push({ stream: 'out' in step ? 'stdout' : 'stderr', at: now(), text })
    tell()
  }
  const run = async (): Promise<Partial<End>> => {
    for (const step of steps) {
      if (log.stop.signal.aborted) return { reason: 'canceled' }
      if ('pause' in step) await pause(step.pause, log.stop.signal)
      else if ('until' in step) await Promise.race([step.until, aborted(log.stop.signal)])
      else if ('end' in step) return step.end
      else write(step)
      if (bytes > spec.maxOutputBytes) return { reason: 'output-limit' }
    }
    return log.stop.signal.aborted ? { reason: 'canceled' } : { exitCode: 0 }
  }
  void run().then((end) => {
    log.end = end
    tell()
  })
  return log
}

/** `host`: the run whose pod it is. */
type FakePod = { host: string; stands: () => boolean; remove: (end: End) => void }

/** Reads a container's log from where the reader before had come. */
function followed(log: FakeLog, { from, spec }: DebugRun, signal: AbortSignal, pod: FakePod): DebugProcess {
  const { promise: ended, resolve } = Promise.withResolvers<End>()
  let left = false
  const tell = () => {
    for (const callback of [...log.more]) callback()
  }
  const cancel = () => log.stop.abort()
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel)
  async function* output(): AsyncGenerator<OutputChunk> {
    let point: OutputPoint = from ?? { next: 0, at: now(), stdout: noBytes, stderr: noBytes }
    while (!left) {
      const piece = log.pieces[point.next]
      if (piece !== undefined) {
        const { stream, at, text } = piece
        const bytes = point[stream].bytes + Buffer.byteLength(text)
        point = { ...point, next: point.next + 1, at, [stream]: { bytes, rest: '' } }
        yield { seq: point.next - 1, stream, at, text, upTo: point }
      } else if (log.end !== undefined) {
        const end: End = { reason: 'completed', at: now(), complete: true, ...log.end }
        return resolve(end)
      } else if (!pod.stands()) {
        const message = 'its pod was deleted while the tool ran'
        return resolve({ reason: 'target-gone', at: now(), message, complete: false })
      } else await new Promise<void>((wake) => waitFor(log, wake))
    }
  }
  const leave = () => {
    left = true
    signal.removeEventListener('abort', cancel)
    tell()
  }
  const { namespace } = spec
  const where = { namespace, pod: `retina-${pod.host}`, uid: `uid-${pod.host}`, container: 'shell' }
  return {
    started: Promise.resolve(where),
    output: output(),
    ended,
    remove: async () => pod.remove(await ended),
    leave,
  }
}

const noBytes = { bytes: 0, rest: '' }

/** Until there is more in the log, or it is time to see whether its pod still stands. */
function waitFor(log: FakeLog, wake: () => void): void {
  const done = () => {
    clearTimeout(timer)
    log.more.delete(done)
    wake()
  }
  const timer = setTimeout(done, 100)
  log.more.add(done)
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
