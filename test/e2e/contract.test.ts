import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clusterContract } from '#test/contract/cluster'
import { useCluster, windowsNode } from '#test/real/cluster'
import { debugPods } from '#test/real/debug-pods'
import { portTo } from '#test/real/port'
import { sampleRequest, sampleRun } from '#test/samples/run'

const dev = useCluster()

beforeAll(async () => {
  await dev().kubectl(['apply', '-f', '-'], windowsNode('win001'))
}, 60_000)
afterAll(async () => {
  await dev().kubectl(['delete', 'node', 'win001', '--wait=false'])
})

test('T22 two installations in one namespace leave each other’s debug pods alone', async () => {
  const open = (name: string) => portTo(dev().kubeconfig, { installation: async () => name })
  const [ours, theirs] = [open('ours'), open('theirs')]
  const run = sampleRun({ request: sampleRequest({ id: 'installation' }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': run.id }
  const spec = { ...run.spec, labels, image: 'localhost/retina-chatops/shell:dev', pipeline: [['sleep', '60']] }
  const stop = new AbortController()
  const process = ours.launch({ id: run.id, spec, by: run.request.by }, stop.signal)
  await process.started
  expect(await theirs.reap(async () => false)).toEqual([])
  expect(await ours.reap(async () => false)).toEqual([run.id])
  stop.abort()
  await process.remove()
}, 60_000)

clusterContract('Kubernetes', async () => {
  const cluster = portTo(dev().kubeconfig)
  return { cluster, standing: () => debugPods(dev()) }
})
