import type { Cluster } from '#core/ports'
import { type ClusterOptions, kubernetesCluster } from '#src/kubernetes/cluster'
import { span } from '#src/trace'
import { silentLog } from '#test/samples/run'

/** The dev cluster as the program works with it. */
export function portTo(kubeconfig: string, more: Partial<ClusterOptions> = {}): Cluster {
  const own = { name: 'dev', namespace: 'retina-chatops', pullPolicy: 'IfNotPresent', log: silentLog, span } as const
  return kubernetesCluster({ ...own, kubeconfig, ...more })
}
