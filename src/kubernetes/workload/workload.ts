import type { V1Pod } from '@kubernetes/client-node'
import { setHeaderOptions } from '@kubernetes/client-node/dist/middleware.js'
import { PatchStrategy } from '@kubernetes/client-node/dist/patch.js'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import type { ExecPlace } from '#src/kubernetes/api/exec'
import { retryRequest, retryTimeoutMs } from '#src/kubernetes/api/retry'
import { debugContainer, debugContainerName, debugPod, type PullPolicy, podName, runnerPath } from './pod-spec.ts'

/** A container that a run's tool is in: a pod of its own on a node, or an ephemeral container in somebody's pod. */
export type Workload = {
  container: string
  /** True where it stays after its run, for further ones. */
  stays: boolean
  /** Makes it and answers the pod; finds the one that was made before under the same run's id. Rejects with what the API server says. */
  begin: () => Promise<V1Pod>
  /** The same, but nothing is made: admission (PodSecurity, quota, webhooks) says what it would say. */
  rehearse: () => Promise<void>
  /** The pod, where the run has a container in it already. */
  find: () => Promise<V1Pod | undefined>
  /** Asks the tool to end. */
  stop: (pod: V1Pod) => Promise<void>
  /** Takes away what `begin` made, as far as Kubernetes lets one. */
  clean: (pod: V1Pod) => Promise<void>
}

export type WorkloadOptions = {
  /** The bot's own account: ends and removes workloads of any person. */
  connection: Connection
  /** As the person who asked, where the cluster lets the bot act for people. */
  acting: () => Promise<Connection>
  runId: string
  spec: DebugSpec
  pullPolicy: PullPolicy
  /** Labels of debug pods by which this installation knows its own. */
  ownLabels: () => Promise<Readonly<Record<string, string>>>
  /** Present where the container stays after its run. */
  stay?: SessionLifetime
}

export function createWorkload(options: WorkloadOptions): Workload {
  return options.spec.target.kind === 'node' ? nodeWork(options) : podWork(options, options.spec.target)
}

function nodeWork({ connection, acting, runId, spec, pullPolicy, stay, ownLabels }: WorkloadOptions): Workload {
  const place = { name: podName(runId), namespace: spec.namespace }
  const find = () => readPod(connection, place)
  const remove = async (pod: V1Pod, gracePeriodSeconds: number) => {
    const uid = pod.metadata?.uid
    const body = { gracePeriodSeconds, ...(uid === undefined ? {} : { preconditions: { uid } }) }
    await connection.core.deleteNamespacedPod({ ...place, body }).catch((error: unknown) => {
      // Gone already, or a namesake that isn't ours (409).
      if (!isNotFound(error) && apiProblem(error)?.code !== 409) throw error
    })
  }
  const body = async () => {
    const pod = debugPod(runId, spec, pullPolicy, stay)
    return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, ...(await ownLabels()) } } }
  }
  return {
    container: debugContainerName,
    stays: stay !== undefined,
    find,
    begin: () =>
      retryRequest(async () => {
        const { core } = await acting()
        return core
          .createNamespacedPod({ namespace: spec.namespace, body: await body() })
          .catch(async (error: unknown) => {
            const existing = apiProblem(error)?.reason === 'AlreadyExists' ? await find() : undefined
            if (existing === undefined) throw error
            return existing
          })
      }, retryTimeoutMs),
    rehearse: () =>
      retryRequest(async () => {
        const { core } = await acting()
        await core.createNamespacedPod({ namespace: spec.namespace, body: await body(), dryRun: 'All' })
      }),
    async stop(pod) {
      // Others may run in a pod that stays: only this run is ended, where it has begun.
      const argv = [runnerPath, '--cancel', runId]
      const told =
        stay !== undefined &&
        (await tell(connection, { namespace: place.namespace, pod: place.name, container: debugContainerName }, argv))
      if (!told) await remove(pod, 3)
    },
    clean: (pod) => remove(pod, 0),
  }
}

type PodTarget = Extract<DebugSpec['target'], { kind: 'pod' }>

function podWork({ connection, acting, runId, spec, pullPolicy, stay }: WorkloadOptions, target: PodTarget): Workload {
  const container = podName(runId)
  const place = { name: target.name, namespace: target.namespace }
  const patch = async (options: { dryRun?: string }) => {
    const body = {
      // The UID makes the API server refuse a pod that only has the same name.
      metadata: { uid: spec.targetUid },
      spec: { ephemeralContainers: [debugContainer(runId, spec, pullPolicy, stay)] },
    }
    const merge = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)
    const { core } = await acting()
    return core.patchNamespacedPodEphemeralcontainers({ ...place, body, ...options }, merge)
  }
  return {
    container,
    stays: stay !== undefined,
    async find() {
      const pod = await readPod(connection, place)
      const ours = pod?.spec?.ephemeralContainers?.some((each) => each.name === container) ?? false
      return ours ? pod : undefined
    },
    begin: () => retryRequest(() => patch({}), retryTimeoutMs),
    rehearse: async () => void (await retryRequest(() => patch({ dryRun: 'All' }))),
    async stop() {
      const argv = [runnerPath, stay === undefined ? '--stop' : '--cancel', runId]
      const said = await connection.exec({ namespace: target.namespace, pod: target.name, container }, argv)
      if (said !== '') throw new Error(said.trim())
    },
    // Kubernetes can't remove an ephemeral container; one that would stay is ended, else the runner's own deadline does it.
    async clean(pod) {
      const own = pod.spec?.ephemeralContainers?.find(({ name }) => name === container)
      if (own?.command?.includes('--keep') !== true) return
      await tell(connection, { namespace: target.namespace, pod: target.name, container }, [
        runnerPath,
        '--stop',
        runId,
      ])
    },
  }
}

/** Has the runner in a container do something; false where it can't be reached, or has nothing to do it to. */
async function tell(connection: Connection, place: ExecPlace, argv: readonly string[]): Promise<boolean> {
  return connection.exec(place, argv).then(
    (said) => said === '',
    () => false,
  )
}

async function readPod(connection: Connection, place: { name: string; namespace: string }): Promise<V1Pod | undefined> {
  try {
    return await retryRequest(() => connection.core.readNamespacedPod(place), retryTimeoutMs)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
