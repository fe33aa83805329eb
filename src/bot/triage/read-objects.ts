import type { Cluster, ObjectQuery } from '#core/ports/cluster'
import type { Target } from '#core/request/target'
import { type FactObjects, factsOf, podFacts } from '#core/triage/facts-of-api-objects'
import type { Facts } from '#core/triage/playbook'
import { errorMessage } from '#core/util/error-message'
import { withTimeout } from '#core/util/timeout'
import type { CommandContext } from '#src/bot/command-context'

/** Milliseconds within which the API server has to answer. */
const timeoutMs = 4_000

/** Objects that were read, or why they were not. */
export type ReadObjects = { objects: readonly object[] } | { problem: string }

/** Reader of objects that reads each list once for all targets of a triage. */
export type ObjectReader = (query: ObjectQuery) => Promise<ReadObjects>

/** Creates a reader of objects as the person of the command, or, with `itself`, as the bot. */
export function createObjectReader(
  cluster: Cluster,
  ctx: Pick<CommandContext, 'id' | 'person'>,
  itself?: 'itself',
): ObjectReader {
  const lists = new Map<string, Promise<ReadObjects>>()
  const { id, groups } = ctx.person
  const by = itself === undefined ? { id, groups, run: ctx.id } : undefined
  return (query) => {
    const key = JSON.stringify(query)
    const known = lists.get(key)
    if (known !== undefined) return known
    const reading = withTimeout(timeoutMs, cluster.objects(query, by)).then(
      (objects) => (objects === undefined ? { problem: 'the API server did not answer in time' } : { objects }),
      (error: unknown) => ({ problem: errorMessage(error) }),
    )
    lists.set(key, reading)
    return reading
  }
}

/** Query for the Service of the cluster's DNS, which has this name in every distribution. */
export const dnsQuery: ObjectQuery = { kind: 'endpoints', namespace: 'kube-system', service: 'kube-dns' }

/** Returns the facts about a pod beside those of its node. */
export async function lookUpPod(read: ObjectReader, target: Target): Promise<Facts> {
  if (target.kind !== 'pod') return {}
  const answer = await read({ kind: 'pods', namespace: target.namespace })
  return 'problem' in answer ? {} : podFacts(target.name, answer.objects)
}

/** Returns what looks up the facts about a node; a fact that can't be read is absent. */
export async function lookUpFacts(read: ObjectReader): Promise<(node: string) => Facts> {
  const queries: Record<keyof FactObjects, ObjectQuery> = {
    nodes: { kind: 'nodes' },
    dns: dnsQuery,
    dnsConfig: { kind: 'dns-config' },
    apiServer: { kind: 'endpoints', namespace: 'default', service: 'kubernetes' },
  }
  const found = await Promise.all(
    Object.entries(queries).map(async ([name, query]) => {
      const answer = await read(query)
      return [name, 'objects' in answer ? answer.objects : undefined] as const
    }),
  )
  const objects: FactObjects = Object.fromEntries(found)
  return (node) => factsOf(node, objects)
}
