import type { Cluster, DebugRun } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import { installationLabel } from '#core/runs/debug-spec'
import type { Traced } from '#core/runs/trace-steps'
import { describeError } from './api/api-error.ts'
import { type Connection, type ConnectionOptions, connect } from './api/connection.ts'
import { createImpersonation, type Impersonation, type ImpersonationMode } from './api/impersonation.ts'
import { peopleGroup } from './api/impersonation-headers.ts'
import { createExecPool } from './process/exec-pool.ts'
import { execInSession } from './process/exec-process.ts'
import { openProcess, type ProcessOptions } from './process/log-process.ts'
import { endContainer, mayExec, mayExecInNamespace } from './process/session-container.ts'
import type { PullPolicy } from './workload/pod-spec.ts'
import { reapPods } from './workload/reap.ts'
import { listNodes, listPods, nodeFactsOf, resolveTarget } from './workload/resolve-target.ts'
import { createWorkload } from './workload/workload.ts'

export type ClusterOptions = ConnectionOptions & {
  /** The cluster's name in the configuration. */
  name: string
  /** Namespace that debug pods of nodes are made in. */
  namespace: string
  pullPolicy: PullPolicy
  log: Log
  span: Traced
  /** Left out: where the account may. */
  impersonate?: ImpersonationMode
  /** Which rights are looked for; left out, all. */
  role?: 'bot' | 'worker' | 'all'
  /** True where containers shall stay for a while. */
  keeps?: boolean
  /** What tells this installation's debug pods from another one's in the same namespace; left out, all are its own. */
  installation?: () => Promise<string>
}

const notKept = 'no pod is kept ready: its account may not run anything in one (pods/exec, see deploy/kubernetes/)'

/** A real cluster. Throws when its kubeconfig can't be read. */
export function kubernetesCluster(options: ClusterOptions): Cluster {
  const { pullPolicy, log, span, impersonate = 'auto' } = options
  const connection = connect(options)
  const acting = createImpersonation(connection, impersonate, options.namespace)
  const standby = createExecPool(connection, log)
  const nodeFacts = nodeFactsOf(connection)
  const ownLabels = async (): Promise<Record<string, string>> =>
    options.installation === undefined ? {} : { [installationLabel]: await options.installation() }
  const hopOf =
    (id: string): ProcessOptions['span'] =>
    (name, what) =>
      span(id, name, what)
  const actingFor = ({ id, by }: Pick<DebugRun, 'id' | 'by'>) => ({
    ...{ connection, acting: () => acting.connectionFor({ id, by }), person: by.id },
    ...{ log, span: hopOf(id) },
  })
  const processOf = ({ id, spec, by, stay, from }: DebugRun, signal: AbortSignal) => {
    const own = { ...actingFor({ id, by }), spec }
    const work = createWorkload({ ...own, ownLabels, runId: id, pullPolicy, ...(stay === undefined ? {} : { stay }) })
    return { work, options: { ...own, from, work, signal } }
  }
  return {
    name: options.name,
    nodes: () => listNodes(connection),
    pods: (namespace) => listPods(connection, namespace),
    resolve: (target) => resolveTarget(connection, target, nodeFacts),
    async dryRun(run) {
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
    // A person without the right to create the pod is refused when the run begins.
    canKeepSession: (run) =>
      acting.connectionFor(run).then(
        (own) => mayExec(connection, own, run),
        () => false,
      ),
    execInSession: (run, session, how, signal) =>
      execInSession(
        { ...actingFor(run), standby, runId: run.id, spec: run.spec, from: run.from, session, signal },
        how,
      ),
    async prewarmExec(run, session) {
      // Where runs are their person's own, the API server shall judge and record each of them.
      const own = await acting.connectionFor(run).catch(() => undefined)
      if (own === connection) await standby.open(session, run.spec.deadline)
    },
    close: standby.close,
    end: (session) => endContainer(connection, session),
    reap: async (alive) => reapPods(connection, options.namespace, await ownLabels(), alive),
    check: () => check(connection, acting, { ...options, impersonate }),
  }
}

async function check(
  connection: Connection,
  acting: Impersonation,
  { namespace, impersonate, role = 'all', keeps = false }: ClusterOptions,
): Promise<string> {
  await checkRights(connection, namespace, role)
  const cold = keeps && role !== 'bot' && !(await mayExecInNamespace(connection, namespace)) ? `; ${notKept}` : ''
  if (impersonate === 'never') return `acts under its own name${cold}`
  if (await acting.allowed()) return `acts under the name of whoever asks${cold}`
  if (impersonate === 'auto') return `acts under its own name: it is not set up to act for people${cold}`
  throw new Error(`the bot's account can't act for people of the group ${peopleGroup}; see deploy/kubernetes/`)
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
