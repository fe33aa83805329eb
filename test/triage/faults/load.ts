import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delay } from '#core/util/delay'
import { startRegistry } from '#dev/dev-cluster/registry'
import { run } from '#dev/machine/run'
import { shellConfig } from '#shell-image/build'
import { type Bench, type NodeName, serve } from './bench.ts'

const megabytes = 16
const deployment = 'restarted'
const ctr = ['/opt/dev-cluster/containerd/ctr', '--namespace', 'retina-load', 'images']

/**
 * Starts a load on the cluster, until it is undone or for two minutes: 200 requests a second from a pod of one node to one of the other;
 * rolling restarts of a Deployment, one after the other, on both nodes or on the one that is named; pulls of images on node001, each of new
 * random bytes. Each pod that starts on a node sets ip_forward there, by its CNI plugin.
 */
export async function load(bench: Bench, restartsOn?: NodeName): Promise<void> {
  await serve(bench, 'pod001')
  const url = `http://${bench.addressOf('pod001')}:8080/[1-100000]`
  bench.start('pod002', `exec curl -s --rate 200/s '${url}' -o /dev/null`)
  await createDeployment(bench, restartsOn)
  const end = new AbortController()
  setTimeout(() => end.abort(), 120_000).unref()
  const restarts = repeat(end.signal, () => bench.cluster.kubectl(['-n', bench.cluster.namespace, ...restart]))
  const pulls = repeat(end.signal, pulling(bench))
  // `undo` rejects with a failure; until then it must not count as unhandled.
  for (const each of [restarts, pulls]) each.catch(() => undefined)
  bench.undo(async () => {
    end.abort()
    await Promise.all([restarts, pulls])
    await bench.cluster.kubectl(['-n', bench.cluster.namespace, 'delete', 'deployment', deployment, '--wait=false'])
  })
}

const restart = ['rollout', 'restart', `deployment/${deployment}`]

async function createDeployment({ cluster }: Bench, on: NodeName | undefined): Promise<void> {
  const labels = { app: deployment }
  const containers = [
    { name: 'sleep', image: shellConfig.ref, command: ['sleep', '3600'], securityContext: { runAsUser: 1000 } },
  ]
  const where = on === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': on } }
  const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers, ...where }
  await cluster.create([
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: deployment, namespace: cluster.namespace } },
      spec: { replicas: 4, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    } as Parameters<typeof cluster.create>[0][number],
  ])
}

/** Returns a function that pulls an image of random bytes on node001, and removes it there. */
function pulling(bench: Bench): () => Promise<void> {
  let count = 0
  return async () => {
    const registry = await startRegistry()
    const folder = mkdtempSync(join(tmpdir(), 'retina-load-'))
    try {
      count += 1
      const name = `${registry.address}/load/${process.pid}:${count}`
      writeFileSync(join(folder, 'data'), randomBytes(megabytes * 1_048_576))
      await run('tar', ['-C', folder, '-cf', join(folder, 'layer.tar'), 'data'])
      await registry.crane(['append', '--insecure', '-f', join(folder, 'layer.tar'), '-t', name])
      await bench.node('node001', ...ctr, 'pull', '--plain-http', name)
      await bench.node('node001', ...ctr, 'rm', name)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

/** Repeats a work, with three seconds in between, until the signal aborts; rejects with its first failure. */
async function repeat(signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await work()
    await delay(3_000, signal)
  }
}
