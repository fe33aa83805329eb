import { describe, expect, test } from '@jest/globals'
import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest, sampleRun } from '#test/samples/run'

/**
 * Cluster under test: it has the Linux nodes node001 and node002 and a Windows node, a shell image with `echo`, `false`
 * and `sleep`, and a namespace for debug pods;
 * `activePods` lists the pods in it that aren't being deleted, `existingPods` all of them.
 */
export type ClusterBench = {
  cluster: Cluster
  namespace: string
  /** Name of the Windows node. */
  windows: string
  activePods: () => Promise<string[]>
  existingPods: () => Promise<string[]>
}

let serial = 0

function runIn(namespace: string, argv: readonly string[], change: Partial<DebugSpec>): DebugRun {
  serial += 1
  const id = `contract${process.pid % 1_000}x${serial}`
  const { spec, request } = sampleRun({ request: sampleRequest({ id }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  return {
    id,
    spec: { ...spec, namespace, image: 'localhost/retina-chatops/shell:dev', labels, pipeline: [argv], ...change },
    by: request.by,
  }
}

async function whole(process: DebugProcess): Promise<{ text: string; end: End }> {
  let text = ''
  for await (const chunk of process.output) text += chunk.text
  const end = await process.ended
  await process.remove()
  return { text, end }
}

const never = () => new AbortController().signal

/** Tests what every cluster port has to do, the real one and the fake. */
export function clusterContract(name: string, bench: () => Promise<ClusterBench>): void {
  const open = async () => {
    const given = await bench()
    const run = (argv: readonly string[], change: Partial<DebugSpec> = {}) => runIn(given.namespace, argv, change)
    return { ...given, run }
  }
  describe(`${name} meets the contract of a cluster`, () => {
    test('it lists its nodes, and resolves existing targets', async () => {
      const { cluster } = await open()
      await cluster.check()
      expect((await cluster.nodes()).map((node) => node.name)).toEqual(expect.arrayContaining(['node001', 'node002']))
      const found = await cluster.resolve({ kind: 'node', cluster: cluster.name, name: 'node001' })
      expect(found).toMatchObject({ node: 'node001', os: 'linux', uid: expect.stringMatching(/./) })
      expect(JSON.parse(JSON.stringify(found))).toEqual(found)
    })

    test('it reports missing targets and Windows nodes', async () => {
      const { cluster, windows } = await open()
      const at = { cluster: cluster.name }
      expect(await cluster.resolve({ kind: 'node', name: 'node999', ...at })).toMatchObject({ problem: 'missing' })
      expect(await cluster.resolve({ kind: 'pod', namespace: 'shop', name: 'nosuch', ...at })).toMatchObject({
        problem: 'missing',
      })
      expect(await cluster.resolve({ kind: 'node', name: windows, ...at })).toMatchObject({ problem: 'windows' })
      expect(await cluster.pods('no-such-namespace')).toEqual([])
    })

    test('a dry run of what can run says so, and makes nothing', async () => {
      const { cluster, activePods, run } = await open()
      expect(await cluster.dryRun(run(['echo', 'hello']))).toEqual({ ok: true })
      expect(await activePods()).toEqual([])
    })

    test('a tool’s output is complete and followed by its end; nothing is left', async () => {
      const { cluster, activePods, run } = await open()
      const process = cluster.launch(run(['echo', 'hello']), never())
      const { text, end } = await whole(process)
      await process.started
      expect(text).toBe('hello\n')
      expect(end).toMatchObject({ reason: 'completed', exitCode: 0, complete: true })
      expect(await activePods()).toEqual([])
    })

    test('a tool that fails ends as failed, with its exit code', async () => {
      const { cluster, run } = await open()
      expect((await whole(cluster.launch(run(['false']), never()))).end).toMatchObject({
        reason: 'failed',
        exitCode: 1,
      })
    })

    test('a canceled tool ends soon, and nothing is left', async () => {
      const { cluster, activePods, run } = await open()
      const stop = new AbortController()
      const process = cluster.launch(run(['sleep', '60']), stop.signal)
      await process.started
      expect(await activePods()).toHaveLength(1)
      stop.abort()
      expect((await whole(process)).end.reason).toBe('canceled')
      expect(await activePods()).toEqual([])
    })

    test('a run without a pod is lost when another worker takes it over', async () => {
      const { cluster, run } = await open()
      expect((await whole(cluster.adopt(run(['echo', 'x']), never()))).end).toMatchObject({ reason: 'lost' })
    })

    test('T21 a tool whose worker detached goes on, and another worker can take it over', async () => {
      const { cluster, activePods, run } = await open()
      const work = run(['sleep', '60'])
      const first = cluster.launch(work, never())
      await first.started
      first.leave()
      expect(await first.output[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
      expect(await activePods()).toHaveLength(1)
      const stop = new AbortController()
      const second = cluster.adopt(work, stop.signal)
      await second.started
      stop.abort()
      expect((await whole(second)).end.reason).toBe('canceled')
      expect(await activePods()).toEqual([])
    })

    test('a container is reused for further runs; no run is started twice, and a missing container is recognised', async () => {
      const { cluster, activePods, existingPods, run } = await open()
      const stay = { idle: 60, life: 120 }
      const host = { ...run(['echo', 'one']), stay }
      expect(await cluster.canKeepSession(host)).toBe(true)
      const first = cluster.launch(host, never())
      const { uid, pod, namespace, container } = await first.started
      expect((await whole(first)).text).toBe('one\n')
      await first.remove()
      expect(await activePods()).toEqual([pod])
      const until = new Date(Date.now() + 60_000).toISOString()
      const session = {
        uid,
        pod,
        namespace,
        container,
        until,
        cluster: cluster.name,
        kind: 'node',
        run: host.id,
      } as const
      const guest = run(['echo', 'two'])
      expect(await cluster.execInSession(guest, session, 'follow', never())).toBeUndefined()
      for (const how of ['begin', 'begin', 'follow'] as const) {
        const process = await cluster.execInSession(guest, session, how, never())
        if (process === undefined) throw new Error('the container is not there')
        expect(await whole(process)).toMatchObject({ text: 'two\n', end: { reason: 'completed', complete: true } })
      }
      const stop = new AbortController()
      const long = await cluster.execInSession(run(['sleep', '60']), session, 'begin', stop.signal)
      stop.abort()
      expect(long === undefined ? undefined : (await whole(long)).end.reason).toBe('canceled')
      expect(await activePods()).toEqual([pod])
      await cluster.end(session)
      expect(await activePods()).toEqual([])
      // In a pod that is being deleted, a container still accepts runs for some moments.
      await waitUntil('the pod is deleted', async () => !(await existingPods()).includes(pod))
      expect(await cluster.execInSession(run(['echo', 'x']), session, 'begin', never())).toBeUndefined()
      await cluster.end(session)
    })

    test('T22 pods without an active run are removed, others are left', async () => {
      const { cluster, activePods, run } = await open()
      const [active, orphan] = [run(['sleep', '60']), run(['sleep', '60'])]
      const stop = new AbortController()
      const [first, second] = [cluster.launch(active, stop.signal), cluster.launch(orphan, stop.signal)]
      await Promise.all([first.started, second.started])
      expect(await cluster.reap(async (id) => id === active.id)).toEqual([orphan.id])
      expect(await activePods()).toHaveLength(1)
      stop.abort()
      await Promise.all([whole(first), whole(second)])
      expect(await activePods()).toEqual([])
    })
  })
}
