import { beforeAll, expect, test } from '@jest/globals'
import { debugPod } from '#src/kubernetes/workload/pod-spec'
import { clusterContract } from '#test/contract/cluster'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { debugPods, existingDebugPods } from '#test/environment/debug-pods'
import { createWindowsNode, openNamespace } from '#test/environment/test-cluster'
import { sampleRequest, sampleRun } from '#test/samples/run'

const dev = useCluster()
const image = 'localhost/retina-chatops/shell:dev'

let windows = ''
beforeAll(async () => {
  windows = await createWindowsNode(dev())
})

test('T22 two installations in one namespace leave each other’s debug pods alone', async () => {
  const open = (name: string) => portTo(dev(), { installation: async () => name })
  const [ours, theirs] = [open('ours'), open('theirs')]
  const run = sampleRun({ request: sampleRequest({ id: 'installation' }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': run.id }
  const { namespace } = dev()
  const spec = { ...run.spec, namespace, labels, image, pipeline: [['sleep', '60']] }
  const stop = new AbortController()
  const process = ours.launch({ id: run.id, spec, by: run.request.by }, stop.signal)
  await process.started
  expect(await theirs.reap(async () => false)).toEqual([])
  expect(await ours.reap(async () => false)).toEqual([run.id])
  stop.abort()
  await process.remove()
})

test('T22 pods that another installation left in its own namespace are found and removed by that one alone', async () => {
  const theirs = await openNamespace(dev())
  try {
    const { namespace, core } = theirs
    const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': 'leftbehind22' }
    const { spec } = sampleRun()
    const left = debugPod(
      'leftbehind22',
      { ...spec, namespace, labels, image, pipeline: [['sleep', '60']] },
      { pullPolicy: 'Never', userId: 2_000_000_000 },
    )
    await core.createNamespacedPod({ namespace, body: left })
    expect(await debugPods(dev())).toEqual([])
    expect(await portTo(dev()).reap(async () => false)).toEqual([])
    expect(await debugPods(theirs)).toEqual(['retina-leftbehind22'])
    expect(await portTo(theirs).reap(async () => false)).toEqual(['leftbehind22'])
  } finally {
    await theirs.close()
  }
})

clusterContract('Kubernetes', async () => {
  const { namespace } = dev()
  return {
    cluster: portTo(dev()),
    namespace,
    windows,
    activePods: () => debugPods(dev()),
    existingPods: () => existingDebugPods(dev()),
  }
})
