import { createHmac, randomBytes } from 'node:crypto'
import type { Cluster, DebugRun } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import { installationLabel } from '#core/runs/debug-spec'
import type { Traced } from '#core/runs/trace-steps'
import type { UidRange } from '#core/runs/uid-range'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { policyProof } from './admission/prove-policy.ts'
import { isAllowed, type Permission, permissionText } from './api/access-review.ts'
import { describeError } from './api/api-error.ts'
import { type Connection, type ConnectionOptions, connect } from './api/connection.ts'
import { createImpersonation, type Impersonation, type ImpersonationMode } from './api/impersonation.ts'
import { peopleGroup } from './api/impersonation-headers.ts'
import { createExecPool } from './process/exec-pool.ts'
import { execInSession } from './process/exec-process.ts'
import { createProcess, type ProcessOptions } from './process/log-process.ts'
import { endContainer, mayExec, mayExecInNamespace } from './process/session-exec-rights.ts'
import { readClusterFacts } from './workload/cluster-facts.ts'
import { containerUserId } from './workload/derive-user-id.ts'
import type { ContainerSettings } from './workload/pod-spec.ts'
import { readObjects } from './workload/read-triage-objects.ts'
import { countOverduePods, reapPods } from './workload/reap.ts'
import { listNodes, listPods, nodeFactsOf, readService, resolveTarget } from './workload/resolve-target.ts'
import { createWorkload } from './workload/workload.ts'

export type ClusterOptions = ConnectionOptions & {
  /** The cluster's name in the configuration. */
  name: string
  /** Namespace in which debug pods of nodes are created. */
  namespace: string
  containers: ContainerSettings
  /** Key by which containers get user ids; left out, one of this process. */
  userKey?: Buffer
  /** Key from which the keys of runs' frames are derived; left out, sessions of other processes can't be followed. */
  frameKey?: Buffer
  /** Keys from which other processes may derive those keys. */
  otherFrameKeys?: readonly Buffer[]
  /** User ids of containers; left out, those that no other process has. */
  uidRange?: UidRange
  log: Log
  span: Traced
  /** Whether the bot acts for people; left out, `auto`: where its account may. */
  impersonate?: ImpersonationMode
  /** Whether the admission policy has to be in force; left out, `auto`: the check says where it isn't. */
  admissionPolicy?: AdmissionMode
  /** Role whose permissions are checked; left out, all. */
  role?: 'bot' | 'worker' | 'terminal' | 'all'
  /** True where containers are reused as warm sessions. */
  keeps?: boolean
  /** Returns the id that marks this installation's debug pods; left out, all in the namespace count as its own. */
  installation?: () => Promise<string>
}

/**
 * Whether an admission policy is checked: `auto`: a warning where it isn't in force; `required`: the cluster isn't ready
 * then; `off`: not at all.
 */
export type AdmissionMode = 'auto' | 'required' | 'off'

const noSessions = 'no warm sessions: its account lacks pods/exec; see deploy/kubernetes/'

/** Creates the adapter of a real cluster. Throws when its kubeconfig can't be read. */
export function kubernetesCluster(options: ClusterOptions): Cluster {
  const { containers, uidRange, log, span, impersonate = 'auto' } = options
  const { userKey = randomBytes(32), frameKey = randomBytes(32), otherFrameKeys = [] } = options
  const connection = connect(options)
  const acting = createImpersonation(connection, impersonate, options.namespace)
  const execPool = createExecPool(connection, log)
  const provePolicy = policyProof(connection)
  const ownLabels = async (): Promise<Record<string, string>> =>
    options.installation === undefined ? {} : { [installationLabel]: await options.installation() }
  const spanOf =
    (id: string): ProcessOptions['span'] =>
    (step, work) =>
      span(id, step, work)
  const actingFor = ({ id, by }: Pick<DebugRun, 'id' | 'by'>) => ({
    ...{ connection, acting: () => acting.connectionFor({ id, by }), person: by.id },
    ...{ log, span: spanOf(id) },
  })
  const processOf = ({ id, spec, by, stay, session, from }: DebugRun, signal: AbortSignal) => {
    const common = { ...actingFor({ id, by }), spec }
    const workload = createWorkload({
      ...common,
      ownLabels,
      runId: id,
      containerOptions: {
        ...containers,
        userId: containerUserId(userKey, id, uidRange),
        ...defined({ stay, session }),
      },
    })
    return { workload, options: { ...common, from, workload, signal } }
  }
  return {
    name: options.name,
    ...readsOf(connection, acting),
    dryRun: (run) =>
      processOf(run, new AbortController().signal)
        .workload.dryRun()
        .then(
          () => ({ ok: true }),
          (error: unknown) => ({ ok: false, problem: describeError(error, run.by.id) }),
        ),
    launch(run, signal) {
      const { workload, options: processOptions } = processOf(run, signal)
      return createProcess(processOptions, workload.begin)
    },
    adopt(run, signal) {
      const { workload, options: processOptions } = processOf(run, signal)
      return createProcess(processOptions, workload.find)
    },
    // A person without the right to create the pod is refused when the run begins.
    canKeepSession: (run) =>
      acting.connectionFor(run).then(
        (runConnection) => mayExec(connection, runConnection, run),
        () => false,
      ),
    execInSession(run, session, how, signal) {
      const otherKeys = otherFrameKeys.map((each) => keyOfRun(each, run.id))
      const exec = { runId: run.id, key: keyOfRun(frameKey, run.id), otherKeys, spec: run.spec, from: run.from }
      return execInSession({ ...actingFor(run), ...exec, standby: execPool, session, signal }, how)
    },
    async prewarmExec(run, session) {
      // Only for the bot's own account: requests of a person have to be authorized and audited one by one by the API
      // server.
      const runConnection = await acting.connectionFor(run).catch(() => undefined)
      if (runConnection === connection) await execPool.open(session, run.spec.deadline)
    },
    close: execPool.close,
    end: (session) => endContainer(connection, session),
    ...debugPods(connection, options.namespace, ownLabels),
    check: () => checkCluster(connection, acting, provePolicy, { ...options, impersonate }),
  }
}

/** Returns what reads the cluster and changes nothing. */
function readsOf(
  connection: Connection,
  acting: Impersonation,
): Pick<Cluster, 'nodes' | 'pods' | 'service' | 'resolve' | 'facts' | 'objects'> {
  const nodeFacts = nodeFactsOf(connection)
  return {
    nodes: () => listNodes(connection),
    pods: (namespace) => listPods(connection, namespace),
    service: (namespace, name) => readService(connection, namespace, name),
    resolve: (target) => resolveTarget(connection, target, nodeFacts),
    facts: () => readClusterFacts(connection),
    async objects(query, by) {
      const reader = by === undefined ? connection : await acting.connectionFor({ id: by.run, by })
      return readObjects(reader, query)
    },
  }
}

function debugPods(
  connection: Connection,
  namespace: string,
  ownLabels: () => Promise<Readonly<Record<string, string>>>,
): Pick<Cluster, 'reap' | 'overduePods'> {
  return {
    reap: async (alive) => reapPods(connection, namespace, await ownLabels(), alive),
    overduePods: () => countOverduePods(connection, namespace),
  }
}

async function checkCluster(
  connection: Connection,
  acting: Impersonation,
  provePolicy: (namespace: string) => Promise<void>,
  { namespace, impersonate, admissionPolicy = 'auto', role = 'all', keeps = false }: ClusterOptions,
): Promise<string> {
  await checkRights(connection, namespace, role)
  const warnings = [
    ...(keeps && (role === 'worker' || role === 'all') && !(await mayExecInNamespace(connection, namespace))
      ? [noSessions]
      : []),
    ...(await findPolicyWarning(() => provePolicy(namespace), admissionPolicy)),
  ]
  const suffix = warnings.map((each) => `; ${each}`).join('')
  if (impersonate === 'never') return `acts as itself${suffix}`
  if (await acting.allowed()) return `impersonates the person who asks${suffix}`
  if (impersonate === 'auto') return `acts as itself: impersonation is not set up${suffix}`
  throw new Error(`the bot's account can't impersonate people of the group ${peopleGroup}; see deploy/kubernetes/`)
}

/** Returns what is wrong with the admission policy, or rejects with it where the policy is required. */
async function findPolicyWarning(prove: () => Promise<void>, mode: AdmissionMode): Promise<string[]> {
  if (mode === 'off') return []
  try {
    await prove()
    return []
  } catch (error) {
    if (mode === 'required') throw error
    return [errorMessage(error)]
  }
}

/** Permissions that the bot's own account needs in a role, in the terms of Kubernetes. */
const requiredRights = (namespace: string): Readonly<Record<'bot' | 'worker' | 'terminal', readonly Permission[]>> => ({
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
  terminal: [
    { verb: 'create', resource: 'pods', namespace },
    { verb: 'watch', resource: 'pods', namespace },
    { verb: 'delete', resource: 'pods', namespace },
    { verb: 'create', resource: 'pods', subresource: 'exec', namespace },
  ],
})

async function checkRights(
  connection: Connection,
  namespace: string,
  role: NonNullable<ClusterOptions['role']>,
): Promise<void> {
  await connection.version.getCode().catch((error: unknown) => {
    throw new Error(describeError(error))
  })
  const { bot, worker, terminal } = requiredRights(namespace)
  const needed = { bot, worker, terminal, all: [...bot, ...worker] }[role]
  for (const permission of needed) {
    if (!(await isAllowed(connection, permission)))
      throw new Error(
        `the bot's account may not ${permissionText(permission)}; see deploy/kubernetes/ for the role it needs`,
      )
  }
}

/** Derives the key of one run's frames, so that any worker that takes the run over has it too. */
function keyOfRun(frameKey: Buffer, runId: string): Buffer {
  return createHmac('sha256', frameKey).update(runId).digest()
}
