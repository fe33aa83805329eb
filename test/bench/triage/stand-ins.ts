import { readFileSync } from 'node:fs'
import type { DebugRun, ObjectQuery } from '#core/ports/cluster'
import type { NodeInfo } from '#core/request/target'
import { delay } from '#core/util/delay'
import { type FakeCluster, fakeCluster, type Step } from '#test/fakes/cluster'
import type { Recorded } from './kubectl.ts'

/** What stand-ins of nodes answer: recorded on a real one. Times in milliseconds. */
export type StandIns = {
  count: number
  outputs: readonly Recorded[]
  /** Objects of the API server, by kind. */
  objects: Partial<Record<ObjectQuery['kind'], readonly object[]>>
  /** Measured on the real cluster: a read and a dry run of the API server, the start of a debug pod, and all commands of a triage in it. */
  latency: { read: number; dryRun: number; start: number; commands: number }
}

/** Returns a cluster of stand-ins, and counts what is asked of it. `file`: path of the stand-ins, as JSON. */
export function standIns(file: string): { cluster: FakeCluster; counts: () => Record<string, number> } {
  const { count, outputs, objects, latency } = JSON.parse(readFileSync(file, 'utf8')) as StandIns
  const nodes = Array.from({ length: count }, (_each, at): NodeInfo => {
    const name = `stand-in-${at}`
    return { status: 'Ready', os: 'linux', version: 'v1.36.0', uid: `uid-${name}`, name, labels: { pool: 'bench' } }
  })
  const counted = { creates: 0, execs: 0, dryRuns: 0, reads: 0 }
  const cluster = fakeCluster('dev', toolsOf(outputs, latency.start + latency.commands), nodes)
  const { objects: read, dryRun, resolve, launch, execInSession } = cluster
  for (const [kind, found] of Object.entries(objects))
    cluster.apiObjects.set(kind as ObjectQuery['kind'], kind === 'nodes' ? nodeObjects(found[0] ?? {}, nodes) : found)
  const afterRead = async <T>(work: () => Promise<T>): Promise<T> => {
    counted.reads += 1
    await delay(latency.read)
    return work()
  }
  Object.assign(cluster, {
    objects: (...args: Parameters<typeof read>) => afterRead(() => read(...args)),
    resolve: (...args: Parameters<typeof resolve>) => afterRead(() => resolve(...args)),
    async dryRun(run: DebugRun) {
      counted.dryRuns += 1
      await delay(latency.dryRun)
      return dryRun(run)
    },
    launch(...args: Parameters<typeof launch>) {
      counted.creates += 1
      return launch(...args)
    },
    execInSession(...args: Parameters<typeof execInSession>) {
      counted.execs += 1
      return execInSession(...args)
    },
  } satisfies Partial<FakeCluster>)
  return { cluster, counts: () => counted }
}

/** Returns the objects of nodes as the API server has them: copies of a real one. */
function nodeObjects(real: object, nodes: readonly NodeInfo[]): object[] {
  return nodes.map(({ name }, at) => {
    const address = `10.10.${1 + Math.floor(at / 250)}.${1 + (at % 250)}`
    const text = JSON.stringify(real).replaceAll('node001', name).replaceAll('10.10.0.11', address)
    return JSON.parse(text.replaceAll('10.244.1.', `10.244.${at}.`)) as object
  })
}

/** Returns tools that print what was recorded; the first command in a container takes the time of its start and of all commands. */
function toolsOf(outputs: readonly Recorded[], allMs: number) {
  const shapeOf = (argv: readonly string[]) => argv.join(' ').replaceAll(/\d+\.\d+\.\d+\.\d+/g, 'ADDRESS')
  const known = new Map(outputs.map((each) => [shapeOf(each.argv), each]))
  const waited = new WeakSet<object>()
  const tool = (argv: readonly string[], spec: object): Step[] => {
    const { text = '', exit = 127 } = known.get(shapeOf(argv)) ?? {}
    const first: Step[] = waited.has(spec) ? [] : [{ pause: allMs }]
    waited.add(spec)
    return [...first, { out: text }, ...(exit === 0 ? [] : [{ end: { reason: 'failed' as const, exitCode: exit } }])]
  }
  return Object.fromEntries(outputs.map(({ argv }) => [argv[0] ?? '', tool]))
}
