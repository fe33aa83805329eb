import type { DebugSpec } from '#core/debug-spec'
import type { Cluster, DebugProcess, NodeInfo, OutputChunk, PodInfo, TargetProblem, Work } from '#core/ports'
import type { End } from '#core/run'
import { leavesReady, type Stay } from '#core/session'
import type { Target, TargetFacts } from '#core/target'

/** What a tool does: text to standard output, a pause in milliseconds, or its end. */
export type Step = { out: string } | { err: string } | { pause: number } | { end: Partial<End> }
/** What runs for an argv: by the first word of the first stage. */
export type Tools = Record<string, (argv: readonly string[], spec: DebugSpec) => Step[]>

export type FakeCluster = Cluster & {
  /** Ids of runs whose pod stands at the moment. */
  live: Map<string, DebugSpec>
  /** Every run that was begun in a container of its own, in order. */
  launched: { id: string; spec: DebugSpec; stay?: Stay }[]
  /** Every run that was begun in a container that stood, in order, and whose that was. */
  entered: { id: string; spec: DebugSpec; host: string }[]
  /** What resolving a target by this name answers. */
  problems: Map<string, TargetProblem>
  /** Why admission refuses what is asked of a target by this name. */
  refusals: Map<string, string>
}

const linux = { ready: true, os: 'linux', version: 'v1.36.0' }

/** A cluster in memory with two Linux nodes, a Windows node and a pod; its tools, and further nodes, are given. Its pods end with their run, as the real one's do. */
export function fakeCluster(name: string, tools: Tools, more: readonly NodeInfo[] = []): FakeCluster {
  const nodes: NodeInfo[] = [
    { ...linux, uid: 'uid-node001', name: 'node001', labels: { pool: 'web' } },
    { ...linux, uid: 'uid-node002', name: 'node002', labels: { pool: 'db' } },
    { ...linux, uid: 'uid-win001', name: 'win001', os: 'windows', labels: {} },
    ...more,
  ]
  const pod = { namespace: 'shop', namespaceLabels: {}, phase: 'Running', node: 'node001', labels: { app: 'web' } }
  const pods: PodInfo[] = [{ ...pod, uid: 'uid-web-1', name: 'web-1' }]
  const live = new Map<string, DebugSpec>()
  const launched: FakeCluster['launched'] = []
  const entered: FakeCluster['entered'] = []
  /** Tools that run in each container, by its run. */
  const guests = new Map<string, Set<AbortController>>()
  const problems = new Map<string, TargetProblem>()
  const refusals = new Map<string, string>()

  const facts = (target: Target): TargetFacts | TargetProblem => {
    const problem = problems.get(target.name)
    if (problem !== undefined) return problem
    const missing = { problem: 'missing' as const, message: `There is no ${target.kind} "${target.name}".` }
    if (target.kind === 'pod') {
      const found = pods.find((each) => each.name === target.name && each.namespace === target.namespace)
      if (found === undefined) return missing
      return { uid: `uid-${found.name}`, node: found.node, os: 'linux', labels: found.labels, namespaceLabels: {} }
    }
    const found = nodes.find((each) => each.name === target.name)
    if (found === undefined) return missing
    if (found.os === 'windows') return { problem: 'windows', message: `${target.name} is a Windows node.` }
    return { uid: `uid-${found.name}`, node: found.name, os: 'linux', labels: found.labels, namespaceLabels: {} }
  }

  const stepsOf = (spec: DebugSpec) => {
    const argv = spec.pipeline[0] ?? []
    return tools[argv[0] ?? '']?.(argv, spec) ?? [{ end: { reason: 'failed' as const, exitCode: 127 } }]
  }

  const begin = ({ id, spec, stay }: Work, signal: AbortSignal): DebugProcess => {
    launched.push({ id, spec, ...(stay === undefined ? {} : { stay }) })
    live.set(id, spec)
    return play(stepsOf(spec), id, spec, signal, (end) => {
      if (stay === undefined || !leavesReady(end)) live.delete(id)
    })
  }

  const enter: Cluster['enter'] = async ({ id, spec }, { run: host }, how, signal) => {
    const known = entered.some((each) => each.id === id)
    if (!live.has(host) || (how === 'follow' && !known)) return undefined
    if (!known) entered.push({ id, spec, host })
    const gone = new AbortController()
    const all = guests.get(host) ?? new Set()
    guests.set(host, all.add(gone))
    const process = play(stepsOf(spec), id, spec, AbortSignal.any([signal, gone.signal]), () => all.delete(gone))
    const ended = process.ended.then((end) =>
      gone.signal.aborted ? { ...end, reason: 'target-gone' as const, complete: false } : end,
    )
    return { ...process, ended }
  }

  const end = (host: string) => {
    live.delete(host)
    for (const guest of guests.get(host) ?? []) guest.abort()
  }

  return {
    name,
    live,
    launched,
    entered,
    problems,
    refusals,
    nodes: async () => nodes,
    pods: async (namespace) => pods.filter((each) => each.namespace === namespace),
    resolve: async (target) => facts(target),
    rehearse: async (run) => refusals.get(run.spec.target.name),
    launch: begin,
    adopt: (run, signal) => {
      if (live.has(run.id)) return begin(run, signal)
      return play([{ end: { reason: 'lost', complete: false } }], run.id, run.spec, signal, () => undefined)
    },
    mayStay: async () => true,
    enter,
    end: async ({ run }) => end(run),
    reap: async (alive) => {
      const dead: string[] = []
      for (const id of live.keys()) if (!(await alive(id))) dead.push(id)
      for (const id of dead) end(id)
      return dead
    },
    check: async () => undefined,
  }
}

function play(
  steps: readonly Step[],
  id: string,
  spec: DebugSpec,
  signal: AbortSignal,
  gone: (end: End) => void,
): DebugProcess {
  const { promise: ended, resolve: end } = Promise.withResolvers<End>()
  const now = () => new Date().toISOString()
  async function* output(): AsyncGenerator<OutputChunk> {
    let seq = 0
    let bytes = 0
    const finish = (change: Partial<End>) => {
      const whole: End = { reason: 'completed', at: now(), complete: true, ...change }
      gone(whole)
      end(whole)
    }
    for (const step of steps) {
      if (signal.aborted) return finish({ reason: 'canceled' })
      if ('pause' in step) await pause(step.pause, signal)
      else if ('end' in step) return finish(step.end)
      else {
        const text = 'out' in step ? step.out : step.err
        bytes += Buffer.byteLength(text)
        yield { seq: seq++, stream: 'out' in step ? 'stdout' : 'stderr', at: now(), text }
        if (bytes > spec.maxOutputBytes) return finish({ reason: 'output-limit' })
      }
    }
    finish(signal.aborted ? { reason: 'canceled' } : { exitCode: 0 })
  }
  const started = Promise.resolve({
    namespace: spec.namespace,
    pod: `retina-${id}`,
    uid: `uid-${id}`,
    container: 'shell',
  })
  return { started, output: output(), ended, gone: ended.then(() => undefined) }
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
