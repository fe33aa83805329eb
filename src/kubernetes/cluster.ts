import type { DebugSpec } from '#core/debug-spec'
import type { Cluster, Log } from '#core/ports'
import { describeError } from './api-error.ts'
import { type Connection, type ConnectionOptions, connect } from './connection.ts'
import type { PullPolicy } from './pod.ts'
import { openProcess } from './process.ts'
import { reapPods } from './reap.ts'
import { listNodes, listPods, resolveTarget } from './resolve.ts'
import { workOf } from './work.ts'

export type ClusterOptions = ConnectionOptions & {
  /** The cluster's name in the configuration. */
  name: string
  /** Namespace that debug pods of nodes are made in. */
  namespace: string
  pullPolicy: PullPolicy
  log: Log
}

/** A real cluster. Throws when its kubeconfig can't be read. */
export function kubernetesCluster(options: ClusterOptions): Cluster {
  const connection = connect(options)
  const processOf = (run: { id: string; spec: DebugSpec }, signal: AbortSignal) => {
    const { pullPolicy, log } = options
    const work = workOf({ connection, runId: run.id, spec: run.spec, pullPolicy })
    return { work, options: { connection, work, spec: run.spec, log, signal } }
  }
  return {
    name: options.name,
    nodes: () => listNodes(connection),
    pods: (namespace) => listPods(connection, namespace),
    resolve: (target) => resolveTarget(connection, target),
    async rehearse(run) {
      const { pullPolicy } = options
      try {
        await workOf({ connection, runId: run.id, spec: run.spec, pullPolicy }).rehearse()
        return undefined
      } catch (error) {
        return describeError(error)
      }
    },
    launch(run, signal) {
      const one = processOf(run, signal)
      return openProcess(one.options, one.work.begin)
    },
    adopt(run, signal) {
      const one = processOf(run, signal)
      return openProcess(one.options, one.work.find)
    },
    reap: (alive) => reapPods(connection, options.namespace, alive),
    check: () => check(connection, options.namespace),
  }
}

/** What the bot's own account must be allowed to do, as Kubernetes names it. */
const rights = (namespace: string) => [
  { verb: 'get', resource: 'nodes' },
  { verb: 'create', resource: 'pods', namespace },
  { verb: 'delete', resource: 'pods', namespace },
  { verb: 'get', resource: 'pods', subresource: 'log', namespace },
  { verb: 'patch', resource: 'pods', subresource: 'ephemeralcontainers' },
]

async function check(connection: Connection, namespace: string): Promise<void> {
  await connection.version.getCode().catch((error: unknown) => {
    throw new Error(describeError(error))
  })
  for (const resourceAttributes of rights(namespace)) {
    const body = { spec: { resourceAttributes } }
    const review = await connection.authorization.createSelfSubjectAccessReview({ body })
    if (review.status?.allowed !== true) {
      const { verb, resource, subresource } = { subresource: undefined, ...resourceAttributes }
      const what = subresource === undefined ? resource : `${resource}/${subresource}`
      throw new Error(`the bot's account may not ${verb} ${what}; see deploy/ for the role it needs`)
    }
  }
}
