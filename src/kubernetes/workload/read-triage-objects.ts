import type { ObjectQuery } from '#core/ports/cluster'
import { apiProblem, describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'

type Json = Readonly<Record<string, unknown>>

const toJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** Maximum number of objects of a list. */
const maxObjects = 1_000

/** Reads objects; each has its kind, which lists leave out. Rejects with the reason in words. */
export async function readObjects(connection: Connection, query: ObjectQuery): Promise<readonly object[]> {
  const list = async (path: string, kind: string, search: Record<string, string> = {}): Promise<object[]> => {
    const parameters = new URLSearchParams({ limit: String(maxObjects), ...search })
    const { body } = await connection.readJson(`${path}?${parameters}`)
    const { items } = toJson(body)
    return Array.isArray(items) ? items.map((item) => ({ ...toJson(item), kind })) : []
  }
  try {
    switch (query.kind) {
      case 'nodes':
        return await list('/api/v1/nodes', 'Node')
      case 'leases':
        return await list('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', 'Lease')
      case 'dns-config': {
        const { body } = await connection.readJson('/api/v1/namespaces/kube-system/configmaps/coredns')
        return [{ ...toJson(body), kind: 'ConfigMap' }]
      }
      case 'pods':
        return await list(`/api/v1/namespaces/${query.namespace}/pods`, 'Pod')
      case 'events':
        return await list(`/api/v1/namespaces/${query.namespace}/events`, 'Event')
      case 'policies':
        return await list(`/apis/networking.k8s.io/v1/namespaces/${query.namespace}/networkpolicies`, 'NetworkPolicy')
      case 'endpoints': {
        const { namespace, service } = query
        const slices = list(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, 'EndpointSlice', {
          labelSelector: `kubernetes.io/service-name=${service}`,
        })
        const own = connection.readJson(`/api/v1/namespaces/${namespace}/services/${service}`).then(
          ({ body }) => [{ ...toJson(body), kind: 'Service' }],
          (error: unknown) => {
            if (apiProblem(error)?.code === 404) return []
            throw error
          },
        )
        return (await Promise.all([own, slices])).flat()
      }
    }
  } catch (error) {
    throw new Error(describeError(error))
  }
}
