import { randomBytes } from 'node:crypto'
import type { KubernetesObject } from '@kubernetes/client-node'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { CoreV1Api } from '@kubernetes/client-node/dist/gen/index.js'
import { KubernetesObjectApi } from '@kubernetes/client-node/dist/object.js'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { nodeExec, nodeNames } from '#dev/dev-cluster/node'
import { cleanupLabel, cleanupVariable } from '#dev/machine/cleanup'
import { isRunning } from '#dev/machine/is-running'
import { shellConfig } from '#shell-image/build'
import { apiProblem } from '#src/kubernetes/api/api-error'
import { keepAliveAgent } from '#src/kubernetes/api/reuse-connections'
import { waitUntil } from '#test/flow/wait-for'

/** The development cluster of one test file. Other files, also of other checkouts, use it at the same time. */
export type TestCluster = DevCluster & {
  /** Namespace of this file's debug pods. Names of other objects that the file creates begin with it. */
  namespace: string
  /** Settings of `openApp` for this cluster and namespace. */
  settings: { cluster: string; shell: string }
  /** Clients with all rights. */
  core: CoreV1Api
  objects: KubernetesObjectApi
  /** Creates objects that are deleted after the file's tests. A namespace that exists gets the given labels. */
  create: (objects: readonly Made[]) => Promise<void>
  /** Deletes the namespace, and with it everything that `create` created. */
  close: () => Promise<void>
}

export type Made = KubernetesObject & { metadata: { name: string; namespace?: string } }

const image = shellConfig.ref
const processLabel = 'retina-chatops.io/test-process'

/** Returns the `clusters` entry of a kubeconfig for retina.yaml. */
export function clusterEntry(kubeconfig: string): string {
  return `name: dev, kubeconfig: '${kubeconfig}', context: dev`
}

/** Returns API clients for a kubeconfig, over keep-alive connections. */
function apisOf(kubeconfig: string): { core: CoreV1Api; objects: KubernetesObjectApi } {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const keepAlive = keepAliveAgent(config)
  return { core: keepAlive.makeApiClient(CoreV1Api), objects: KubernetesObjectApi.makeApiClient(keepAlive) }
}

/** Creates a namespace for debug pods; first deletes those of test processes that were killed. */
export async function openNamespace(dev: DevCluster): Promise<TestCluster> {
  const { core, objects } = apisOf(dev.kubeconfig)
  await removeRemains(core)
  const namespace = `retina-${randomBytes(4).toString('hex')}`
  const cleanup = process.env[cleanupVariable]
  const cleanupLabels = cleanup === undefined ? {} : { [cleanupLabel]: cleanup }
  const labels = { [processLabel]: String(process.pid), ...cleanupLabels }
  const { metadata } = await core.createNamespace({ body: { metadata: { name: namespace, labels } } })
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: metadata?.uid ?? '' }]
  await waitForServiceAccount(core, namespace)
  const createOne = async (object: Made) => {
    // Objects without a namespace are deleted by the garbage collector after the file's own namespace.
    const owned = object.metadata.namespace === undefined ? { ownerReferences } : {}
    await objects.create({ ...object, metadata: { ...object.metadata, ...owned } }).catch(async (error: unknown) => {
      if (object.kind !== 'Namespace' || apiProblem(error)?.reason !== 'AlreadyExists') throw error
      await objects.patch(object)
    })
    if (object.kind === 'Namespace') await waitForServiceAccount(core, object.metadata.name)
  }
  return {
    ...{ ...dev, namespace, core, objects },
    settings: { cluster: clusterEntry(dev.kubeconfig), shell: `namespace: ${namespace}` },
    async create(all) {
      const isNamespace = ({ kind }: Made) => kind === 'Namespace'
      await Promise.all(all.filter(isNamespace).map(createOne))
      await Promise.all(all.filter((each) => !isNamespace(each)).map(createOne))
    },
    close: () => removeNamespace(core, namespace),
  }
}

/** Waits for the default service account of a namespace, without which the API server refuses pods. */
async function waitForServiceAccount(core: CoreV1Api, namespace: string): Promise<void> {
  await waitUntil(`${namespace} has a service account`, () =>
    core.readNamespacedServiceAccount({ namespace, name: 'default' }).then(
      () => true,
      () => false,
    ),
  )
}

async function removeNamespace(core: CoreV1Api, name: string): Promise<void> {
  await core.deleteNamespace({ name }).catch((error: unknown) => {
    if (apiProblem(error)?.code !== 404 && apiProblem(error)?.code !== 409) throw error
  })
}

/** Deletes namespaces of test files whose process was killed. */
async function removeRemains(core: CoreV1Api): Promise<void> {
  const { items } = await core.listNamespace({ labelSelector: processLabel })
  const left = items.filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined && !isRunning(Number(metadata?.labels?.[processLabel])),
  )
  await Promise.all(left.map(({ metadata }) => removeNamespace(core, metadata?.name ?? '')))
}

/**
 * Creates a namespace that enforces PodSecurity `restricted` (or another level), with a pod `web-1` that complies, and waits until the pod
 * is ready. Resolves with the namespace's name.
 */
export async function hardenedNamespace(cluster: TestCluster, own: string, level = 'restricted'): Promise<string> {
  const [namespace, pod] = [`${cluster.namespace}-${own}`, 'web-1']
  const container = {
    name: 'web',
    image,
    command: ['sleep', '3600'],
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 1000,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
  const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] }
  await cluster.create([
    {
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': level } },
    },
    { ...{ apiVersion: 'v1', kind: 'Pod' }, metadata: { name: pod, namespace, labels: { app: 'web' } }, spec } as Made,
  ])
  await podReady(cluster, namespace, pod)
  return namespace
}

/** Waits until a pod is ready. */
export async function podReady({ core }: Pick<TestCluster, 'core'>, namespace: string, name: string): Promise<void> {
  const isReady = async () => {
    const { status } = await core.readNamespacedPod({ namespace, name })
    return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  }
  await waitUntil(`${namespace}/${name} is ready`, isReady)
}

/**
 * Waits until kube-proxy has written these Services of a namespace on all nodes: before, their addresses are refused.
 * `withoutEndpoints`: Services that have none, which it refuses by a rule of its own.
 */
export async function servicesWritten(
  namespace: string,
  names: readonly string[],
  withoutEndpoints: readonly string[] = [],
) {
  const expected = [
    ...names.map((name) => `${namespace}/${name}/tcp/ {`),
    ...withoutEndpoints.map((name) => `${namespace}/${name}`),
  ]
  for (const node of nodeNames()) {
    const written = async () => {
      const rules = await nodeExec(node, ['nft', 'list', 'ruleset'])
      return expected.every((each) => rules.includes(each))
    }
    await waitUntil(`kube-proxy of ${node} has written ${[...names, ...withoutEndpoints].join(', ')}`, written)
  }
}

/** Creates the Node object of a Windows node, without a machine behind it. Resolves with its name. */
export async function createWindowsNode(cluster: TestCluster): Promise<string> {
  const name = `win-${cluster.namespace}`
  await cluster.create([
    { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': 'windows' } } } as Made,
  ])
  return name
}
