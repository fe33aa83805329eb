import { clusterContract } from '#test/contract/cluster'
import { fakeCluster } from './cluster.ts'

clusterContract('The stand-in', async () => {
  const cluster = fakeCluster('dev', {
    echo: (argv) => [{ out: `${argv.slice(1).join(' ')}\n` }],
    false: () => [{ end: { reason: 'failed', exitCode: 1 } }],
    sleep: (argv) => [{ pause: Number(argv[1]) * 1_000 }],
  })
  const podNames = async () => [...cluster.live.keys()].map((id) => `retina-${id}`)
  return {
    cluster,
    namespace: 'retina-chatops',
    windows: 'win001',
    activePods: podNames,
    existingPods: podNames,
  }
})
