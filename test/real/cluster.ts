import { beforeAll } from '@jest/globals'
import { type DevCluster, up } from '#deploy/dev-cluster/cluster'
import { buildShellImage } from '#shell-image/build'

const silent = { step: () => undefined, detail: () => undefined, done: () => undefined }

/** The dev cluster with the shell image on its nodes, as the global set-up left it. */
export function useCluster(): () => DevCluster {
  let cluster: DevCluster | undefined
  beforeAll(async () => {
    cluster = await up(silent)
    const image = await buildShellImage()
    await cluster.loadImage(image.tar, image.digest)
  }, 300_000)
  return () => {
    if (cluster === undefined) throw new Error('the dev cluster is not up')
    return cluster
  }
}

/** A namespace that enforces PodSecurity `restricted`, with a pod that meets it. */
export function hardenedNamespace(namespace: string, pod: string): string {
  const container = {
    name: 'web',
    image: 'localhost/retina-chatops/shell:dev',
    command: ['sleep', '3600'],
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 1000,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace, labels: { app: 'web' } },
      spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] },
    },
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

/** A Windows node, as far as the API server is concerned: its object. None can run here. */
export function windowsNode(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/os': 'windows' } },
  })
}
