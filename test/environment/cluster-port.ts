import type { Cluster } from '#core/ports/cluster'
import { traced } from '#src/app/tracing'
import { type ClusterOptions, kubernetesCluster } from '#src/kubernetes/cluster'
import { silentLog } from '#test/samples/run'
import type { TestCluster } from './test-cluster.ts'

/** Opens the program's port to the development cluster. */
export function portTo({ kubeconfig, namespace }: TestCluster, more: Partial<ClusterOptions> = {}): Cluster {
  const own = {
    name: 'dev',
    namespace,
    containers: { pullPolicy: 'IfNotPresent' },
    log: silentLog,
    span: traced,
  } as const
  return kubernetesCluster({ ...own, kubeconfig, ...more })
}
