import { type HostAccess, mergeNeeds, type Needs, noNeeds, type SpecialArgument } from './tool.ts'

/**
 * Part of its node that is open to a container in a pod: a host namespace of the pod, or another container whose
 * processes it sees and that has more of the node than a container has.
 */
export type NodeAccess = 'network' | 'processes' | 'ipc' | 'privileged' | 'files'

/** What a pod's specification says of its node. */
export type PodAccess = {
  /** Host namespaces of the pod, which every container in it shares. */
  namespaces: readonly ('network' | 'processes' | 'ipc')[]
  /** True where the processes of all containers see each other. */
  sharesProcesses: boolean
  /** Containers, of any kind, that have more of the node than a container has. */
  containers: readonly { name: string; has: readonly ('privileged' | 'files')[] }[]
}

/**
 * Linux capabilities by which a container reaches nothing outside of it. All others count as privileged, those of later
 * kernels too. Source: capabilities(7); DAC_READ_SEARCH opens any file of a disk by its handle.
 */
export const containedCapabilities: readonly string[] = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL', 'LEASE'],
  ...['LINUX_IMMUTABLE', 'MKNOD', 'NET_ADMIN', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_RAW', 'SETFCAP', 'SETGID'],
  ...['SETPCAP', 'SETUID', 'SYS_CHROOT', 'SYS_NICE', 'SYS_PTRACE', 'SYS_RESOURCE'],
]

/** Returns what of its node a debug container in a pod opens; `container` is the one whose processes it enters. */
export function nodeAccessOf(pod: PodAccess, container?: string): NodeAccess[] {
  const reached = pod.containers.filter(({ name }) => pod.sharesProcesses || name === container)
  return [...new Set([...pod.namespaces, ...reached.flatMap(({ has }) => has)])]
}

const namespaces: ReadonlySet<NodeAccess> = new Set(['network', 'processes', 'ipc'])

/** Returns true where the pod itself is in a namespace of its node, whatever is done in it. */
export function opensNamespace(opens: readonly NodeAccess[]): boolean {
  return opens.some((each) => namespaces.has(each))
}

/**
 * Returns the part of what a pod opens that these needs make use of. Processes of other containers are closed to a user
 * of its own without capabilities; for root they are ways to the node: by /proc/PID/root, and by tracing what may do more.
 */
export function usedNodeAccess(needs: Needs, opens: readonly NodeAccess[] = []): readonly NodeAccess[] {
  const isStrong = needs.user === 'root' || needs.capabilities.length > 0
  return isStrong ? opens : opens.filter((each) => namespaces.has(each))
}

/** Part of a request that decides what it needs on a node. */
type NeedyRequest = { needs: Needs; pipeline: readonly { special: readonly SpecialArgument[] }[] }

/** Returns the needs of a request in a pod that opens this of its node: those that the same on the node would have. */
export function needsOnNode({ needs, pipeline }: NeedyRequest, opens: readonly NodeAccess[] = []): Needs {
  const used = usedNodeAccess(needs, opens)
  const isRootOnNode = used.includes('privileged') || used.includes('files')
  // Shared memory of the node's processes is as near to them as their list.
  const pid = isRootOnNode || used.includes('processes') || used.includes('ipc')
  const filesystem = isRootOnNode ? 'read-write' : filesystemByPaths(pipeline, used)
  return mergeNeeds(needs, { ...noNeeds, host: { filesystem, pid } })
}

/** Returns the access to the node's disk that arguments need by paths below /proc, as `addFileAccess` has it on a node. */
function filesystemByPaths(pipeline: NeedyRequest['pipeline'], used: readonly NodeAccess[]): HostAccess['filesystem'] {
  const names = pipeline.flatMap(({ special }) => special.map(({ name }) => name))
  if (opensNamespace(used) && names.some((name) => name.endsWith(' /proc/sys'))) return 'read-write'
  return used.includes('processes') && names.some((name) => name.endsWith(' /proc/PID')) ? 'read-only' : 'none'
}

const texts = {
  network: "its node's network (hostNetwork)",
  processes: "its node's processes (hostPID)",
  ipc: "its node's shared memory (hostIPC)",
  privileged: 'a privileged container, whose processes are in reach',
  files: 'a container with folders of its node, whose processes are in reach',
} satisfies Record<NodeAccess, string>

const shortTexts = {
  network: 'hostNetwork',
  processes: 'hostPID',
  ipc: 'hostIPC',
  privileged: 'privileged',
  files: 'hostPath',
} satisfies Record<NodeAccess, string>

/** Returns what a pod opens in Kubernetes' own words, for a line of a table: "hostNetwork, hostPID". */
export function nodeAccessLine(opens: readonly NodeAccess[]): string {
  return opens.map((each) => shortTexts[each]).join(', ')
}

/** Returns what a pod opens as text: "its node's network (hostNetwork) and its node's processes (hostPID)". */
export function nodeAccessText(opens: readonly NodeAccess[]): string {
  return opens.map((each) => texts[each]).join(' and ')
}
