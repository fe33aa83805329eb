import { connect } from 'node:net'
import { shellConfig } from '#shell-image/build'
import { type Made, podReady, type TestCluster } from './test-cluster.ts'

/** Resolves with true if a TCP connection opens within two seconds. */
export type Probe = (host: string, port: number) => Promise<boolean>

/** Opens connections from this machine: from outside the cluster. */
export const fromOutside: Probe = (host, port) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 })
    const finish = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => finish(true))
    socket.once('timeout', () => finish(false))
    socket.once('error', () => finish(false))
  })

/** Creates a pod on a node of the cluster and resolves with what opens connections from it. */
export async function probePod(cluster: TestCluster, namespace: string, node: string): Promise<Probe> {
  const name = `probe-${node}`
  const container = {
    ...{ name: 'probe', image: shellConfig.ref, command: ['sleep', '3600'] },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000 },
      ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    },
  }
  const spec = { nodeName: node, terminationGracePeriodSeconds: 0, containers: [container] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
  await cluster.create([{ ...pod, spec: { ...spec, automountServiceAccountToken: false } } as Made])
  await podReady(cluster, namespace, name)
  return (host, port) =>
    succeeds(cluster, ['-n', namespace, 'exec', name, '--', 'nc', '-z', '-w', '2', host, `${port}`])
}

/** Opens connections from a pod of the program, whose image has Node and nothing else. */
export function fromProgram(cluster: TestCluster, namespace: string, workload: string): Probe {
  const script = (host: string, port: number) =>
    `require('net').connect({host:'${host}',port:${port},timeout:2000}).on('connect',()=>process.exit(0)).on('error',()=>process.exit(1)).on('timeout',()=>process.exit(1))`
  return (host, port) => succeeds(cluster, ['-n', namespace, 'exec', workload, '--', 'node', '-e', script(host, port)])
}

function succeeds({ kubectl }: TestCluster, args: readonly string[]): Promise<boolean> {
  return kubectl(args).then(
    () => true,
    () => false,
  )
}
