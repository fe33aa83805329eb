import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import type { Needs } from '#core/request/tool'

/** What is granted: a set, on the pods of the namespace (`pods`), on their node (by its name or its label), or on another node. */
export type Granted = readonly [
  set: 'probe' | 'net' | 'trace' | 'root',
  on: 'pods' | 'node' | 'node-label' | 'other-node',
]

/**
 * A command in a pod, and whether it is to be allowed. `container`: the container whose processes are inspected. `running`: ephemeral
 * containers of other people in the pod.
 */
export type NodePodCase = {
  what: string
  pod: Partial<V1PodSpec>
  container?: string
  needs?: Partial<Needs>
  /** Name of a special argument, which every set of these cases names. */
  special?: 'cat /proc/PID' | 'cat /proc/sys'
  granted: readonly Granted[]
  expect: 'allow' | 'deny'
  source: string
}

const pss = 'Kubernetes, "Pod Security Standards"'
const own = 'own'

export const plain: V1Container = { name: 'web', image: 'x:1' }
export const shares = { shareProcessNamespace: true }

export const root: Partial<Needs> = { user: 'root' }
const net: Partial<Needs> = { capabilities: ['NET_ADMIN', 'NET_RAW'], user: 'root' }
export const trace: Partial<Needs> = { capabilities: ['SYS_PTRACE'], user: 'root' }

export const onPods = (...sets: Granted[0][]): Granted[] => sets.map((set) => [set, 'pods'])
export const onBoth = (...sets: Granted[0][]): Granted[] =>
  sets.flatMap((set): Granted[] => [
    [set, 'pods'],
    [set, 'node'],
  ])

/** Pods that share a namespace with their node. */
const shared: readonly NodePodCase[] = [
  {
    what: 'the host’s network, by a grant on pods',
    pod: { hostNetwork: true },
    granted: onPods('probe'),
    expect: 'deny',
    source: pss,
  },
  {
    what: 'the host’s network, by a strong grant on pods',
    pod: { hostNetwork: true },
    granted: onPods('root'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s firewall, by a grant on pods',
    pod: { hostNetwork: true },
    needs: net,
    granted: onPods('net'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s network, by a grant on its node too',
    pod: { hostNetwork: true },
    granted: onBoth('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'the host’s firewall, by a grant on its node too',
    pod: { hostNetwork: true },
    needs: net,
    granted: onBoth('net'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'the host’s firewall, where another set is granted on its node',
    pod: { hostNetwork: true },
    needs: net,
    granted: [
      ['net', 'pods'],
      ['probe', 'node'],
    ],
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s network, by a grant on another node',
    pod: { hostNetwork: true },
    granted: [
      ['probe', 'pods'],
      ['probe', 'other-node'],
    ],
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s network, by a grant on its node’s label too',
    pod: { hostNetwork: true },
    granted: [
      ['probe', 'pods'],
      ['probe', 'node-label'],
    ],
    expect: 'allow',
    source: own,
  },
  {
    what: 'the host’s network, by a grant on its node alone',
    pod: { hostNetwork: true },
    granted: [['probe', 'node']],
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s processes, by a grant on pods',
    pod: { hostPID: true },
    granted: onPods('probe'),
    expect: 'deny',
    source: pss,
  },
  {
    what: 'the host’s processes, by a set without host PID',
    pod: { hostPID: true },
    granted: onBoth('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s processes, by a set with host PID on pods',
    pod: { hostPID: true },
    granted: onPods('trace'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s processes, by a set with host PID on its node too',
    pod: { hostPID: true },
    granted: onBoth('trace'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'tracing the host’s processes, by a set with host PID on its node too',
    pod: { hostPID: true },
    needs: trace,
    granted: onBoth('trace'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'the host’s IPC, by a grant on pods',
    pod: { hostIPC: true },
    granted: onPods('probe'),
    expect: 'deny',
    source: pss,
  },
  {
    what: 'the host’s IPC, by a set without host PID',
    pod: { hostIPC: true },
    granted: onBoth('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'the host’s IPC, by a set with host PID on its node too',
    pod: { hostIPC: true },
    granted: onBoth('trace'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'all of the host’s namespaces, by a strong grant on pods',
    pod: { hostNetwork: true, hostPID: true, hostIPC: true },
    granted: onPods('root'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'all of the host’s namespaces, by a strong grant on its node too',
    pod: { hostNetwork: true, hostPID: true, hostIPC: true },
    granted: onBoth('root'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'the host’s network and a named container',
    pod: { hostNetwork: true },
    container: 'web',
    granted: onPods('probe'),
    expect: 'deny',
    source: own,
  },
  {
    what: 'a file of a process, in the host’s processes, by a set without the node’s disk',
    ...{ pod: { hostPID: true }, needs: trace, special: 'cat /proc/PID' },
    ...{ granted: onBoth('trace'), expect: 'deny', source: 'proc(5), /proc/PID/root' },
  },
  {
    what: 'a file of a process, in the host’s processes, by a set with the node’s disk',
    ...{ pod: { hostPID: true }, needs: trace, special: 'cat /proc/PID' },
    ...{ granted: onBoth('root'), expect: 'allow', source: own },
  },
  {
    what: 'a kernel setting, in the host’s network, by a set without the node’s disk',
    ...{ pod: { hostNetwork: true }, needs: net, special: 'cat /proc/sys' },
    ...{ granted: onBoth('net'), expect: 'deny', source: 'proc(5), /proc/sys' },
  },
  {
    what: 'a file of a process of the pod',
    ...{ pod: {}, needs: trace, special: 'cat /proc/PID' },
    ...{ granted: onPods('trace'), expect: 'allow', source: own },
  },
]

/** Pods that share nothing with their node: as before. */
const ordinary: readonly NodePodCase[] = [
  { what: 'a pod', pod: {}, granted: onPods('probe'), expect: 'allow', source: own },
  { what: 'a pod’s firewall', pod: {}, needs: net, granted: onPods('net'), expect: 'allow', source: own },
  {
    what: 'a pod whose node is not granted',
    pod: { hostNetwork: false, hostPID: false, hostIPC: false },
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'a pod whose containers share their processes',
    pod: shares,
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'a pod with secrets',
    pod: {
      volumes: [{ name: 's', secret: { secretName: 's' } }],
      containers: [{ ...plain, volumeMounts: [{ name: 's', mountPath: '/s' }] }],
    },
    container: 'web',
    needs: root,
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  {
    what: 'a pod with host ports',
    pod: { containers: [{ ...plain, ports: [{ containerPort: 80, hostPort: 80 }] }] },
    granted: onPods('probe'),
    expect: 'allow',
    source: own,
  },
  { what: 'a pod by a grant on its node', pod: {}, granted: [['probe', 'node']], expect: 'deny', source: own },
  { what: 'nothing granted', pod: { hostNetwork: true }, granted: [], expect: 'deny', source: own },
]

/** Pods that share a namespace with their node, and ordinary ones. */
export const nodePodCases: readonly NodePodCase[] = [...shared, ...ordinary]
