import { afterAll, beforeAll } from '@jest/globals'
import { kubernetesCluster } from '#src/kubernetes/cluster'
import { span } from '#src/trace'
import { clusterContract } from '#test/contract/cluster'
import { useCluster, windowsNode } from '#test/real/cluster'
import { debugPods } from '#test/real/debug-pods'
import { silentLog } from '#test/samples/run'

const dev = useCluster()

beforeAll(async () => {
  await dev().kubectl(['apply', '-f', '-'], windowsNode('win001'))
}, 60_000)
afterAll(async () => {
  await dev().kubectl(['delete', 'node', 'win001', '--wait=false'])
})

clusterContract('Kubernetes', async () => {
  const options = {
    name: 'dev',
    namespace: 'retina-chatops',
    pullPolicy: 'IfNotPresent',
    log: silentLog,
    span,
  } as const
  const cluster = kubernetesCluster({ ...options, kubeconfig: dev().kubeconfig })
  return { cluster, standing: () => debugPods(dev()) }
})
