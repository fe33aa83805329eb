import { defined } from '#core/util/defined'
import type { Config } from '#src/config/load'
import type { ClusterOptions } from '#src/kubernetes/cluster'
import { containerSettings } from './container-settings.ts'

type ClusterSettings = Pick<
  ClusterOptions,
  'name' | 'kubeconfig' | 'context' | 'inCluster' | 'proxyUrl' | 'namespace' | 'containers' | 'uidRange'
>

/** Returns what the owner's file says of a cluster's connection, and of the containers in it. */
export function clusterSettings(config: Config, cluster: Config['clusters'][number]): ClusterSettings {
  const { name, kubeconfig, context, inCluster } = cluster
  const { namespace, uidRange } = config.shell
  const proxyUrl = cluster.proxy ? config.proxy?.https : undefined
  return {
    ...{ name, inCluster, namespace, containers: containerSettings(config) },
    ...defined({ kubeconfig, context, proxyUrl, uidRange }),
  }
}
