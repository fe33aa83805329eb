import type { Cluster, Log, Work } from '#core/ports'
import type { Span } from '#core/span'
import { type Impersonate, openActing } from './acting.ts'
import { describeError } from './api-error.ts'
import { type Connection, type ConnectionOptions, connect } from './connection.ts'
import { peopleGroup } from './impersonate.ts'
import type { PullPolicy } from './pod.ts'
import { openProcess, type ProcessOptions } from './process.ts'
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
  span: Span
  /** Left out: where the account may. */
  impersonate?: Impersonate
  /** Which rights are looked for; left out, all. */
  role?: 'bot' | 'worker' | 'all'
}

/** A real cluster. Throws when its kubeconfig can't be read. */
export function kubernetesCluster(options: ClusterOptions): Cluster {
  const { pullPolicy, log, span, impersonate = 'auto', role = 'all' } = options
  const connection = connect(options)
  const acting = openActing(connection, impersonate, options.namespace)
  const processOf = ({ id, spec, by, from }: Work, signal: AbortSignal) => {
    const own = { connection, acting: () => acting.connectionFor({ id, by }), spec }
    const work = workOf({ ...own, runId: id, pullPolicy })
    const hop: ProcessOptions['span'] = (name, what) => span(id, name, what)
    return { work, options: { ...own, from, person: by.id, work, log, span: hop, signal } }
  }
  return {
    name: options.name,
    nodes: () => listNodes(connection),
    pods: (namespace) => listPods(connection, namespace),
    resolve: (target) => resolveTarget(connection, target),
    async rehearse(run) {
      try {
        await processOf(run, new AbortController().signal).work.rehearse()
        return undefined
      } catch (error) {
        return describeError(error, run.by.id)
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
    async check() {
      await checkRights(connection, options.namespace, role)
      if (impersonate === 'never') return 'acts under its own name'
      if (await acting.allowed()) return 'acts under the name of whoever asks'
      if (impersonate === 'auto') return 'acts under its own name: it is not set up to act for people'
      throw new Error(`the bot's account can't act for people of the group ${peopleGroup}; see deploy/kubernetes/`)
    },
  }
}

/** What the bot's own account must be allowed to do in a role, as Kubernetes names it. */
const rights = (namespace: string) => ({
  bot: [
    { verb: 'get', resource: 'nodes' },
    { verb: 'create', resource: 'pods', namespace },
  ],
  worker: [
    { verb: 'create', resource: 'pods', namespace },
    { verb: 'watch', resource: 'pods', namespace },
    { verb: 'delete', resource: 'pods', namespace },
    { verb: 'get', resource: 'pods', subresource: 'log', namespace },
  ],
})

async function checkRights(connection: Connection, namespace: string, role: 'bot' | 'worker' | 'all'): Promise<void> {
  await connection.version.getCode().catch((error: unknown) => {
    throw new Error(describeError(error))
  })
  const { bot, worker } = rights(namespace)
  const needed = [...(role === 'worker' ? [] : bot), ...(role === 'bot' ? [] : worker)]
  for (const resourceAttributes of needed) {
    const body = { spec: { resourceAttributes } }
    const review = await connection.authorization.createSelfSubjectAccessReview({ body })
    if (review.status?.allowed !== true) {
      const { verb, resource, subresource } = { subresource: undefined, ...resourceAttributes }
      const what = subresource === undefined ? resource : `${resource}/${subresource}`
      throw new Error(`the bot's account may not ${verb} ${what}; see deploy/kubernetes/ for the role it needs`)
    }
  }
}
