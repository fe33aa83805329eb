import type { V1Container } from '@kubernetes/client-node'
import { type NodePodCase, onBoth, onPods, plain, root, shares, trace } from './node-pods.ts'

const own = 'own'
const proc = 'proc(5), /proc/PID/root'
const ptrace = 'ptrace(2), "Ptrace access mode checking"'

const privileged: V1Container = { name: 'agent', image: 'x:1', securityContext: { privileged: true } }
const withCapability = (name: string): V1Container => ({
  ...{ name: 'agent', image: 'x:1' },
  securityContext: { capabilities: { add: [name] } },
})
const withDisk = (readOnly?: boolean): V1Container => ({
  ...{ name: 'agent', image: 'x:1' },
  volumeMounts: [{ name: 'disk', mountPath: '/disk', ...(readOnly === undefined ? {} : { readOnly }) }],
})
const disk = { volumes: [{ name: 'disk', hostPath: { path: '/var/lib' } }] }

/** Pods in which another container has its node, and a debug container that sees that one's processes. */
export const reachedNodeCases: readonly NodePodCase[] = [
  {
    what: 'root beside a privileged container whose processes are entered',
    pod: { containers: [plain, privileged] },
    container: 'agent',
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: ptrace,
  },
  {
    what: 'a capability beside a privileged container whose processes are entered',
    pod: { containers: [plain, privileged] },
    container: 'agent',
    needs: trace,
    granted: onPods('trace', 'root'),
    expect: 'deny',
    source: ptrace,
  },
  {
    what: 'root where all processes of the pod are shared',
    pod: { ...shares, containers: [plain, privileged] },
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: 'Kubernetes, "Share Process Namespace between Containers in a Pod"',
  },
  {
    what: 'root where all processes of the pod are shared and a plain one is named',
    pod: { ...shares, containers: [plain, privileged] },
    container: 'web',
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'root and a privileged sidecar',
    pod: { ...shares, initContainers: [{ ...privileged, restartPolicy: 'Always' }] },
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'root and a privileged ephemeral container of somebody',
    pod: { ...shares, ephemeralContainers: [privileged] },
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'root beside a container that may trace',
    pod: { containers: [plain, withCapability('SYS_PTRACE')] },
    container: 'agent',
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  ...[
    'SYS_ADMIN',
    'ALL',
    'SYS_MODULE',
    'SYS_RAWIO',
    'BPF',
    'CAP_SYS_ADMIN',
    'sys_admin',
    'DAC_READ_SEARCH',
    'A_NEW_ONE',
  ].map(
    (name): NodePodCase => ({
      ...{
        what: `root beside a container with ${name}`,
        pod: { containers: [plain, withCapability(name)] },
        container: 'agent',
      },
      ...{ needs: trace, granted: onPods('trace'), expect: 'deny', source: 'capabilities(7)' },
    }),
  ),
  {
    what: 'root beside a container with a folder of the node',
    pod: { ...disk, containers: [plain, withDisk()] },
    container: 'agent',
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: proc,
  },
  {
    what: 'root beside a container that reads a folder of the node',
    pod: { ...disk, containers: [plain, withDisk(true)] },
    container: 'agent',
    needs: root,
    granted: onPods('probe'),
    expect: 'deny',
    source: proc,
  },
  {
    what: 'root beside a container with a block device',
    pod: { containers: [plain, { ...plain, name: 'agent', volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] }] },
    container: 'agent',
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: 'a claim of the pod’s own',
  },
  {
    what: 'root beside a privileged container, by a set with everything on its node too',
    pod: { containers: [plain, privileged] },
    container: 'agent',
    needs: root,
    granted: onBoth('root'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'root beside a privileged container, by a set without the node’s disk on its node too',
    pod: { containers: [plain, privileged] },
    container: 'agent',
    needs: trace,
    granted: onBoth('trace'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'nobody beside a privileged container whose processes are entered',
    pod: { containers: [plain, privileged] },
    container: 'agent',
    granted: onPods('probe'),
    expect: 'allow',
    source: 'own: another uid, without any capability',
  },
  {
    what: 'nobody beside a container with a folder of the node',
    pod: { ...disk, containers: [plain, withDisk()] },
    container: 'agent',
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'root in a pod with a privileged container whose processes are not entered',
    pod: { containers: [plain, privileged] },
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'root beside a plain container of that pod',
    pod: { ...disk, containers: [plain, privileged, withDisk()] },
    container: 'web',
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
]
