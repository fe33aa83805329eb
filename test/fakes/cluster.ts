import type { OutputChunk, OutputPoint } from '#core/output/transcript-state'
import type { Cluster, DebugProcess, DebugRun, ObjectQuery } from '#core/ports/cluster'
import { nodeAccessOf } from '#core/request/node-access-through-pod'
import type { Labels, NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import { leavesSessionReusable, type SessionLifetime } from '#core/sessions/session'

/** Step of a simulated tool: text to standard output or error, a pause in milliseconds or until a promise settles, or the tool's end. */
export type Step =
  | { out: string }
  | { err: string }
  | { pause: number }
  | { until: Promise<unknown> }
  | { end: Partial<End> }
/** Simulated tools, by the first argument of a pipeline's first stage. */
export type Tools = Record<string, (argv: readonly string[], spec: DebugSpec) => Step[]>

export type FakeCluster = Cluster & {
  /** Specs of the runs whose pods exist, by the runs' ids. */
  live: Map<string, DebugSpec>
  /** Runs that were started in a new container (cold starts), in order. */
  launched: { id: string; spec: DebugSpec; stay?: SessionLifetime }[]
  /** Runs that were started in an existing container (warm starts), in order; `host`: the run that created it. */
  entered: { id: string; spec: DebugSpec; host: string }[]
  /** Runs in whose containers an exec for the next run was opened in advance, in order. */
  prewarmed: string[]
  /** Problems that resolving a target reports, by the target's name. */
  problems: Map<string, TargetProblem>
  /** Messages with which a dry run is refused, by the target's name. */
  refusals: Map<string, string>
  /** Operating systems of nodes, by name. */
  osImages: Map<string, string>
  /** Selectors of services, by `NAMESPACE/NAME`. */
  services: Map<string, { selector: Labels }>
  /** Objects of the API server, by kind. */
  apiObjects: Map<ObjectQuery['kind'] | `endpoints ${string}/${string}`, readonly object[]>
  /** People for whom objects were read; `itself`: the bot. */
  readers: string[]
}

const debian = 'Debian GNU/Linux 12 (bookworm)'
const linux = { status: 'Ready', os: 'linux', version: 'v1.36.0' }

/** A cluster in memory with two Linux nodes, a Windows node and a pod; its tools, and further nodes, are given. Its pods go on when nobody follows them, and end with their run, as the real one's do. */
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
  const pod = { namespace: 'shop', namespaceLabels: {}, status: 'Running', node: 'node001', labels: { app: 'web' } }
  const pods: PodInfo[] = [{ ...pod, uid: 'uid-web-1', name: 'web-1' }, ...morePods]
  const live = new Map<string, DebugSpec>()
  const launched: FakeCluster['launched'] = []
  const entered: FakeCluster['entered'] = []
  const prewarmed: string[] = []
  const problems = new Map<string, TargetProblem>()
  const refusals = new Map<string, string>()
  const osImages = new Map<string, string>()
  const services: FakeCluster['services'] = new Map()
  const apiObjects: FakeCluster['apiObjects'] = new Map()
  const readers: string[] = []

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
    const osImage = osImages.get(found.name) ?? debian
    return {
      uid: `uid-${found.name}`,
      node: found.name,
      os: 'linux',
      labels: found.labels,
      namespaceLabels: {},
      osImage,
    }
  }

  const logs = new Map<string, FakeLog>()
  const startTool = ({ id, spec }: DebugRun): FakeLog => {
    const run = (argv: readonly string[]) => {
      const [tool = ''] = argv[0] === 'chroot' ? argv.slice(2) : argv
      return (
        tools[argv[0] ?? '']?.(argv, spec) ??
        tools[tool]?.(argv, spec) ?? [{ end: { reason: 'failed', exitCode: 127 } }]
      )
    }
    const steps = spec.batch === undefined ? run(spec.pipeline[0] ?? []) : batchSteps(spec.pipeline, run)
    const log = runSteps(steps, spec)
    logs.set(id, log)
    return log
  }
  const begin = (run: DebugRun, signal: AbortSignal): DebugProcess => {
    const { id, spec, stay } = run
    launched.push({ id, spec, ...(stay === undefined ? {} : { stay }) })
    live.set(id, spec)
    return follow(startTool(run), run, signal)
  }
  const follow = (log: FakeLog, run: DebugRun, signal: AbortSignal) => {
    const isReusable = (end: End) => run.stay !== undefined && leavesSessionReusable(end)
    const remove = (end: End) => void (isReusable(end) || live.delete(run.id))
    return readLog(log, run, signal, { host: run.id, exists: () => live.has(run.id), remove })
  }
  const enter: Cluster['execInSession'] = async (run, { run: host }, how, signal) => {
    const { id, spec } = run
    const before = entered.some((each) => each.id === id) ? logs.get(id) : undefined
    if (!live.has(host) || (how === 'follow' && before === undefined)) return undefined
    if (before === undefined) entered.push({ id, spec, host })
    return readLog(before ?? startTool(run), run, signal, {
      host,
      exists: () => live.has(host),
      remove: () => undefined,
    })
  }

  return {
    name,
    live,
    launched,
    entered,
    prewarmed,
    problems,
    refusals,
    osImages,
    services,
    apiObjects,
    readers,
    objects: async (query, by) => {
      readers.push(`${by?.id ?? 'itself'} ${query.kind}`)
      const own =
        query.kind === 'endpoints' ? apiObjects.get(`endpoints ${query.namespace}/${query.service}`) : undefined
      return own ?? apiObjects.get(query.kind) ?? []
    },
    nodes: async () => nodes.map((node) => ({ osImage: osImages.get(node.name) ?? debian, ...node })),
    pods: async (namespace) => pods.filter((each) => each.namespace === namespace),
    service: async (namespace, service) =>
      services.get(`${namespace}/${service}`) ?? {
        problem: 'missing',
        message: `There is no service ${service} in the namespace ${namespace}.`,
      },
    resolve: async (target) => facts(target),
    async dryRun(run) {
      const problem = refusals.get(run.spec.target.name)
      return problem === undefined ? { ok: true } : { ok: false, problem }
    },
    launch: begin,
    adopt: (run, signal) => {
      const log = live.has(run.id) ? logs.get(run.id) : undefined
      return follow(log ?? lostLog, run, signal)
    },
    canKeepSession: async () => true,
    execInSession: enter,
    prewarmExec: async (_run, { run: host }) => void prewarmed.push(host),
    close: () => undefined,
    end: async ({ run }) => void live.delete(run),
    reap: async (alive) => {
      const dead: string[] = []
      for (const id of live.keys()) if (!(await alive(id))) dead.push(id)
      for (const id of dead) live.delete(id)
      return dead
    },
    facts: async () => ({
      apiGroups: ['apps'],
      nodes: nodes.map((each) => ({ osImage: osImages.get(each.name) ?? debian, ...each })),
    }),
    overduePods: async () => 0,
    check: async () => undefined,
  }
}

/** Everything that a tool's container has written so far, whether it was read or not. */
type FakeLog = {
  pieces: { stream: OutputChunk['stream']; at: string; text: string }[]
  end?: Partial<End>
  stop: AbortController
  /** Called when there is more to read. */
  listeners: Set<() => void>
}

const lostMessage = 'its worker was interrupted, and the tool was not found'
const lostLog: FakeLog = {
  ...{ pieces: [], stop: new AbortController(), listeners: new Set() },
  end: { reason: 'lost', message: lostMessage, complete: false },
}

/** Ends of single commands of a batch that the runner reports in place of an exit code. */
const inBatch = new Set(['deadline', 'output-limit'])

/** Returns the steps of a batch, with the lines that the runner writes: each after its command's number. */
function batchSteps(pipeline: DebugSpec['pipeline'], run: (argv: readonly string[]) => readonly Step[]): Step[] {
  return pipeline.flatMap((argv, at) => {
    let exit = '0'
    const steps = run(argv).flatMap((step): Step[] => {
      if ('end' in step) exit = inBatch.has(step.end.reason ?? '') ? `${step.end.reason}` : `${step.end.exitCode ?? 0}`
      if ('pause' in step || 'until' in step) return [step]
      const text = 'out' in step ? step.out : 'err' in step ? step.err : ''
      return text === '' ? [] : [{ out: text.replaceAll(/^(.+)$/gm, `${at}|$1`) }]
    })
    return [...steps, { out: `${at}=${exit}\n` }]
  })
}

const now = () => new Date().toISOString()

/** Runs a tool's steps in the background, whether its output is read or not. */
function runSteps(steps: readonly Step[], spec: DebugSpec): FakeLog {
  const log: FakeLog = { pieces: [], stop: new AbortController(), listeners: new Set() }
  const notify = () => {
    for (const callback of [...log.listeners]) callback()
  }
  let bytes = 0
  const write = (step: { out: string } | { err: string }) => {
    const text = 'out' in step ? step.out : step.err
    bytes += Buffer.byteLength(text)
    log.pieces.push({ stream: 'out' in step ? 'stdout' : 'stderr', at: now(), text })
    notify()
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
    notify()
  })
  return log
}

/** `host`: the run that created the pod. */
type FakePod = { host: string; exists: () => boolean; remove: (end: End) => void }

/** Reads a container's log from the position that an earlier reader reached. */
function readLog(log: FakeLog, { from, spec }: DebugRun, signal: AbortSignal, pod: FakePod): DebugProcess {
  const { promise: ended, resolve } = Promise.withResolvers<End>()
  let left = false
  const notify = () => {
    for (const callback of [...log.listeners]) callback()
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
      } else if (!pod.exists()) {
        const message = 'its pod was deleted while the tool ran'
        return resolve({ reason: 'target-gone', at: now(), message, complete: false })
      } else await new Promise<void>((wake) => waitFor(log, wake))
    }
  }
  const leave = () => {
    left = true
    signal.removeEventListener('abort', cancel)
    notify()
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

/** Calls `wake` when there is more in the log, or after 100 ms to check whether the pod still exists. */
function waitFor(log: FakeLog, wake: () => void): void {
  const done = () => {
    clearTimeout(timer)
    log.listeners.delete(done)
    wake()
  }
  const timer = setTimeout(done, 100)
  log.listeners.add(done)
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
