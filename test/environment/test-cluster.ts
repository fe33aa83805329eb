import { randomBytes } from 'node:crypto'
import type { KubernetesObject } from '@kubernetes/client-node'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { CoreV1Api } from '@kubernetes/client-node/dist/gen/index.js'
import { KubernetesObjectApi } from '@kubernetes/client-node/dist/object.js'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { cleanupLabel, cleanupVariable } from '#dev/machine/cleanup'
import { apiProblem } from '#src/kubernetes/api/api-error'
import { keepAliveAgent } from '#src/kubernetes/api/keep-alive-agent'
import { waitUntil } from '#test/flow/wait-for'

/** The dev cluster as one test file uses it. Others use it at the same time, from this checkout and from others. */
export type TestCluster = DevCluster & {
  /** Namespace of this file's debug pods. What else the file makes has names that begin with this one. */
  namespace: string
  /** What `openFlow` needs to work in it. */
  settings: { cluster: string; shell: string }
  /** With all rights. */
  core: CoreV1Api
  objects: KubernetesObjectApi
  /** Makes objects that are gone with the file. A namespace that is there gets the labels that are given. */
  create: (objects: readonly Made[]) => Promise<void>
  /** Removes the namespace, and with it whatever was made. */
  close: () => Promise<void>
}

export type Made = KubernetesObject & { metadata: { name: string; namespace?: string } }

const image = 'localhost/retina-chatops/shell:dev'
const processLabel = 'retina-chatops.io/test-process'

/** A `clusters` entry of retina.yaml. */
export function clusterEntry(kubeconfig: string): string {
  return `name: dev, kubeconfig: '${kubeconfig}', context: dev`
}

/** The APIs behind a kubeconfig, over connections that are kept. */
function apisOf(kubeconfig: string): { core: CoreV1Api; objects: KubernetesObjectApi } {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const kept = keepAliveAgent(config)
  return { core: kept.makeApiClient(CoreV1Api), objects: KubernetesObjectApi.makeApiClient(kept) }
}

/** Makes a namespace for debug pods. */
export async function openNamespace(dev: DevCluster): Promise<TestCluster> {
  const { core, objects } = apisOf(dev.kubeconfig)
  await removeRemains(core)
  const namespace = `retina-${randomBytes(4).toString('hex')}`
  const cleanup = process.env[cleanupVariable]
  const ofCleanup = cleanup === undefined ? {} : { [cleanupLabel]: cleanup }
  const labels = { [processLabel]: String(process.pid), ...ofCleanup }
  const { metadata } = await core.createNamespace({ body: { metadata: { name: namespace, labels } } })
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: metadata?.uid ?? '' }]
  await untilPodsAreTaken(core, namespace)
  const make = async (object: Made) => {
    // What belongs to no namespace is removed by the cluster's garbage collector when the file's own is gone.
    const owned = object.metadata.namespace === undefined ? { ownerReferences } : {}
    await objects.create({ ...object, metadata: { ...object.metadata, ...owned } }).catch(async (error: unknown) => {
      if (object.kind !== 'Namespace' || apiProblem(error)?.reason !== 'AlreadyExists') throw error
      await objects.patch(object)
    })
    if (object.kind === 'Namespace') await untilPodsAreTaken(core, object.metadata.name)
  }
  return {
    ...{ ...dev, namespace, core, objects },
    settings: { cluster: clusterEntry(dev.kubeconfig), shell: `namespace: ${namespace}` },
    async create(all) {
      const isNamespace = ({ kind }: Made) => kind === 'Namespace'
      await Promise.all(all.filter(isNamespace).map(make))
      await Promise.all(all.filter((each) => !isNamespace(each)).map(make))
    },
    close: () => removeNamespace(core, namespace),
  }
}

/** No pod is taken in a namespace that has no service account yet. */
async function untilPodsAreTaken(core: CoreV1Api, namespace: string): Promise<void> {
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

/** Removes namespaces of test files whose process was killed. */
async function removeRemains(core: CoreV1Api): Promise<void> {
  const { items } = await core.listNamespace({ labelSelector: processLabel })
  const left = items.filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined && !isAlive(Number(metadata?.labels?.[processLabel])),
  )
  await Promise.all(left.map(({ metadata }) => removeNamespace(core, metadata?.name ?? '')))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * Makes a namespace that enforces PodSecurity `restricted` (or another level), with a pod `web-1` that meets it, and waits until that runs.
 * Resolves with the namespace's name.
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
  await waitUntil(`${namespace}/${name} is ready`, isReady, 60)
}

/** Makes a Windows node, as far as the API server is concerned: its object. None can run here. Resolves with its name. */
export async function windowsNode(cluster: TestCluster): Promise<string> {
  const name = `win-${cluster.namespace}`
  await cluster.create([
    { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': 'windows' } } } as Made,
  ])
  return name
}
