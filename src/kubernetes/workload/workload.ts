import type { V1Pod } from '@kubernetes/client-node'
import { setHeaderOptions } from '@kubernetes/client-node/dist/middleware.js'
import { PatchStrategy } from '@kubernetes/client-node/dist/patch.js'
import type { DebugSpec } from '#core/runs/debug-spec'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import type { ExecPlace } from '#src/kubernetes/api/exec'
import { findPod } from '#src/kubernetes/api/find-pod'
import { retryRequest, retryTimeoutMs } from '#src/kubernetes/api/retry'
import { type ContainerOptions, debugContainer, debugContainerName, debugPod, podName, runnerPath } from './pod-spec.ts'

/** Container of a run's tool: in a debug pod on a node, or an ephemeral container in an existing pod. */
export type Workload = {
  container: string
  /** True where the container is reused after its run, for further runs. */
  stays: boolean
  /**
   * Creates the container and returns its pod; returns the existing one if it was created before under the same run id.
   * Rejects with the API server's error.
   */
  begin: () => Promise<V1Pod>
  /** Dry run of `begin`: creates nothing, and rejects where admission (PodSecurity, quota, webhooks) would refuse. */
  dryRun: () => Promise<void>
  /** Returns the pod if the run has a container in it already. */
  find: () => Promise<V1Pod | undefined>
  /** Asks the tool to end. */
  stop: (pod: V1Pod) => Promise<void>
  /** Removes what `begin` created, as far as Kubernetes allows. */
  clean: (pod: V1Pod) => Promise<void>
}

export type WorkloadOptions = {
  /** Connection of the bot's own account: ends and removes workloads of any person. */
  connection: Connection
  /** Returns the connection of the person who asked, where the cluster lets the bot act for people. */
  acting: () => Promise<Connection>
  runId: string
  spec: DebugSpec
  containerOptions: ContainerOptions
  /** Returns the labels that mark debug pods of this installation. */
  ownLabels: () => Promise<Readonly<Record<string, string>>>
}

export function createWorkload(options: WorkloadOptions): Workload {
  return options.spec.target.kind === 'node'
    ? createNodeWorkload(options)
    : createPodWorkload(options, options.spec.target)
}

function createNodeWorkload({
  connection,
  acting,
  runId,
  spec,
  containerOptions,
  ownLabels,
}: WorkloadOptions): Workload {
  const { stay } = containerOptions
  const place = { name: podName(runId), namespace: spec.namespace }
  const find = () => readPod(connection, place)
  const remove = async (pod: V1Pod, gracePeriodSeconds: number) => {
    const uid = pod.metadata?.uid
    const body = { gracePeriodSeconds, ...(uid === undefined ? {} : { preconditions: { uid } }) }
    await connection.core.deleteNamespacedPod({ ...place, body }).catch((error: unknown) => {
      // The pod is gone already, or another one has its name (409).
      if (!isNotFound(error) && apiProblem(error)?.code !== 409) throw error
    })
  }
  const body = async () => {
    const pod = debugPod(runId, spec, containerOptions)
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
    dryRun: () =>
      retryRequest(async () => {
        const { core } = await acting()
        await core.createNamespacedPod({ namespace: spec.namespace, body: await body(), dryRun: 'All' })
      }),
    async stop(pod) {
      // Other runs may be in a reused pod: only this run is ended, if it has begun.
      const argv = [runnerPath, '--cancel', runId]
      const isCanceled =
        stay !== undefined &&
        (await callRunner(
          connection,
          { namespace: place.namespace, pod: place.name, container: debugContainerName },
          argv,
        ))
      if (!isCanceled) await remove(pod, 3)
    },
    clean: (pod) => remove(pod, 0),
  }
}

type PodTarget = Extract<DebugSpec['target'], { kind: 'pod' }>

function createPodWorkload(
  { connection, acting, runId, spec, containerOptions }: WorkloadOptions,
  target: PodTarget,
): Workload {
  const { stay } = containerOptions
  const container = podName(runId)
  const place = { name: target.name, namespace: target.namespace }
  const patch = async (options: { dryRun?: string }) => {
    const body = {
      // The UID makes the API server refuse a pod that only has the same name.
      metadata: { uid: spec.targetUid },
      spec: { ephemeralContainers: [debugContainer(runId, spec, containerOptions)] },
    }
    const mergeOptions = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)
    const { core } = await acting()
    return core.patchNamespacedPodEphemeralcontainers({ ...place, body, ...options }, mergeOptions)
  }
  return {
    container,
    stays: stay !== undefined,
    async find() {
      const pod = await readPod(connection, place)
      const isOurs = pod?.spec?.ephemeralContainers?.some((each) => each.name === container) ?? false
      return isOurs ? pod : undefined
    },
    begin: () => retryRequest(() => patch({}), retryTimeoutMs),
    dryRun: async () => void (await retryRequest(() => patch({ dryRun: 'All' }))),
    async stop() {
      const argv = [runnerPath, stay === undefined ? '--stop' : '--cancel', runId]
      const response = await connection.exec({ namespace: target.namespace, pod: target.name, container }, argv)
      if (response !== '') throw new Error(response.trim())
    },
    // Kubernetes can't remove an ephemeral container. One that would be reused is ended; otherwise the runner's
    // deadline ends it.
    async clean(pod) {
      const containerSpec = pod.spec?.ephemeralContainers?.find(({ name }) => name === container)
      if (containerSpec?.command?.some((word) => word === '--keep' || word === '--hold') !== true) return
      await callRunner(connection, { namespace: target.namespace, pod: target.name, container }, [
        runnerPath,
        '--stop',
        runId,
      ])
    },
  }
}

/** Executes the runner in a container. Returns false where it can't be reached, or finds nothing to end. */
async function callRunner(connection: Connection, place: ExecPlace, argv: readonly string[]): Promise<boolean> {
  return connection.exec(place, argv).then(
    (response) => response === '',
    () => false,
  )
}

function readPod(connection: Connection, place: { name: string; namespace: string }): Promise<V1Pod | undefined> {
  return retryRequest(() => findPod(connection, place), retryTimeoutMs)
}
