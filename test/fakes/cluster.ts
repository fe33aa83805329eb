import type { DebugSpec } from '#core/debug-spec'
import type { Cluster, DebugProcess, NodeInfo, OutputChunk, PodInfo, TargetProblem, Work } from '#core/ports'
import type { End } from '#core/run'
import type { Target, TargetFacts } from '#core/target'

/** What a tool does: text to standard output, a pause in milliseconds, or its end. */
export type Step = { out: string } | { err: string } | { pause: number } | { end: Partial<End> }
/** What runs for an argv: by the first word of the first stage. */
export type Tools = Record<string, (argv: readonly string[], spec: DebugSpec) => Step[]>

export type FakeCluster = Cluster & {
  /** Ids of runs whose pod stands at the moment. */
  live: Map<string, DebugSpec>
  /** Every run that was begun, in order. */
  launched: { id: string; spec: DebugSpec }[]
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
  const launched: { id: string; spec: DebugSpec }[] = []
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

  const begin = ({ id, spec }: Work, signal: AbortSignal): DebugProcess => {
    const run = { id, spec }
    launched.push(run)
    live.set(run.id, run.spec)
    const argv = run.spec.pipeline[0] ?? []
    const steps = tools[argv[0] ?? '']?.(argv, run.spec) ?? [{ end: { reason: 'failed', exitCode: 127 } }]
    return play(steps, run.spec, signal, () => live.delete(run.id))
  }

  return {
    name,
    live,
    launched,
    problems,
    refusals,
    nodes: async () => nodes,
    pods: async (namespace) => pods.filter((each) => each.namespace === namespace),
    resolve: async (target) => facts(target),
    rehearse: async (run) => refusals.get(run.spec.target.name),
    launch: begin,
    adopt: (run, signal) => {
      if (live.has(run.id)) return begin(run, signal)
      return play([{ end: { reason: 'lost', complete: false } }], run.spec, signal, () => undefined)
    },
    reap: async (alive) => {
      const dead: string[] = []
      for (const id of live.keys()) if (!(await alive(id))) dead.push(id)
      for (const id of dead) live.delete(id)
      return dead
    },
    check: async () => undefined,
  }
}

function play(steps: readonly Step[], spec: DebugSpec, signal: AbortSignal, gone: () => void): DebugProcess {
  const { promise: ended, resolve: end } = Promise.withResolvers<End>()
  const now = () => new Date().toISOString()
  async function* output(): AsyncGenerator<OutputChunk> {
    let seq = 0
    let bytes = 0
    const finish = (change: Partial<End>) => {
      gone()
      end({ reason: 'completed', at: now(), complete: true, ...change })
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
  return { started: Promise.resolve(), output: output(), ended, gone: ended.then(() => undefined) }
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
