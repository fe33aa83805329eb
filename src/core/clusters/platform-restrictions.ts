import type { Labels } from '#core/request/target'

/** What is read of a node to recognise what it forbids. */
export type NodeFacts = { name: string; labels: Labels; osImage: string }

/** What is read of a cluster. `apiGroups`: names of all API groups that its API server serves. */
export type ClusterFacts = { apiGroups: readonly string[]; nodes: readonly NodeFacts[] }

export type RestrictionKind = 'gke-autopilot' | 'fargate' | 'virtual-kubelet' | 'bottlerocket' | 'talos' | 'openshift'

/** What a platform forbids, and what still works. The texts are sentences without their full stops. */
export type Restriction = {
  kind: RestrictionKind
  /** The platform's name for people. */
  name: string
  /** Names of the nodes that are concerned; empty where it is the whole cluster. */
  nodes: readonly string[]
  forbids: string
  works: string
  /** What the owner has to set up, where that lifts the restriction. */
  setting?: string
}

/** Settings of the owner by which a restriction may be lifted already. */
export type RestrictionSettings = { uidRange?: boolean; masked?: readonly string[] }

type Platform = Omit<Restriction, 'nodes'> & {
  /** What debug pods of its nodes can't do: run at all, or run the node's own programs by `chroot /host`. */
  forbidsOnNode: 'pods' | 'programs' | 'nothing'
  /** Part of a refusal of the API server by which the platform is recognised. */
  refusal?: RegExp
}

const inPods = 'tools in the network of pods (`-n NAMESPACE pod/NAME`)'

/**
 * What each platform forbids. Sources: cloud.google.com, "Autopilot security capabilities"; docs.aws.amazon.com, "AWS Fargate considerations";
 * bottlerocket.dev, "Security features"; docs.siderolabs.com, "What is Talos"; docs.redhat.com, "Managing security context constraints".
 */
const platforms: Readonly<Record<RestrictionKind, Platform>> = {
  'gke-autopilot': {
    kind: 'gke-autopilot',
    name: 'GKE Autopilot',
    forbids: "no pod may have its node's network, processes or disk",
    works: `${inPods}, without NET_ADMIN unless the cluster's workload policy allows it`,
    forbidsOnNode: 'pods',
    refusal: /GKE Warden|\[denied by autogke-/,
  },
  fargate: {
    kind: 'fargate',
    name: 'AWS Fargate',
    forbids:
      'each pod has a node of its own, on which no further pod runs, and none has the host’s network, processes or disk',
    works: `${inPods} without capabilities, where Fargate accepts an ephemeral container; and nodes of node groups`,
    forbidsOnNode: 'pods',
    refusal: /not supported on Fargate|fields not supported: HostNetwork/i,
  },
  'virtual-kubelet': {
    kind: 'virtual-kubelet',
    name: 'Virtual nodes (virtual-kubelet)',
    forbids: 'there is no machine behind the node, so no pod has its network, processes or disk',
    works: `${inPods} and targets on nodes that are machines`,
    forbidsOnNode: 'pods',
  },
  bottlerocket: {
    kind: 'bottlerocket',
    name: 'Bottlerocket',
    forbids:
      "SELinux keeps containers from the host's programs and their sockets, and the host has no shell (`chroot /host …`, `systemctl`, `journalctl`)",
    works: `tools of the shell image in the node's network and processes, files of its disk (\`cat /host/…\`), and ${inPods}`,
    setting: 'add /run/host-containerd to shell.masked where debug pods go to these nodes only',
    forbidsOnNode: 'programs',
  },
  talos: {
    kind: 'talos',
    name: 'Talos Linux',
    forbids:
      'the host has neither systemd nor a shell nor tools of its own (`chroot /host …`, `systemctl`, `journalctl`)',
    works: `tools of the shell image in the node's network and processes, files of its disk (\`cat /host/…\`), and ${inPods}; services and their logs by \`talosctl\``,
    setting: 'add /system/run to shell.masked where debug pods go to these nodes only: the socket of its API is there',
    forbidsOnNode: 'programs',
  },
  openshift: {
    kind: 'openshift',
    name: 'OpenShift',
    forbids:
      "security context constraints refuse users outside of the namespace's range, and pods with their node's network",
    works: 'everything, with a constraint for the accounts of bot and workers that allows it',
    setting:
      'set shell.uidRange to the range of the namespace, mask /run/crio in shell.masked, and give the accounts a security context constraint (deploy/kubernetes/README.md, “OpenShift”)',
    forbidsOnNode: 'nothing',
    refusal: /unable to validate against any security context constraint/,
  },
}

const all = Object.values(platforms)

/** Returns the platform of one node; undefined where it forbids nothing. */
function platformOfNode({ name, labels, osImage }: NodeFacts): RestrictionKind | undefined {
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate' || name.startsWith('fargate-ip-')) return 'fargate'
  if (labels['type'] === 'virtual-kubelet') return 'virtual-kubelet'
  if (osImage.startsWith('Bottlerocket')) return 'bottlerocket'
  if (osImage.startsWith('Talos')) return 'talos'
  // A cluster in Standard mode may have nodes in Autopilot mode.
  return name.startsWith('gk3-') ? 'gke-autopilot' : undefined
}

/** Returns the platform of the whole cluster by its API groups; undefined where it forbids nothing. */
function platformOfCluster({ apiGroups, nodes }: ClusterFacts): RestrictionKind | undefined {
  if (apiGroups.includes('security.openshift.io') || apiGroups.includes('config.openshift.io')) return 'openshift'
  // Standard clusters may have this group too, for workloads in Autopilot mode.
  const isAutopilot = apiGroups.includes('auto.gke.io') && nodes.every(({ name }) => name.startsWith('gk3-'))
  return isAutopilot ? 'gke-autopilot' : undefined
}

/** Returns all that a cluster and its nodes forbid, except what the owner's settings lift. */
export function findRestrictions(facts: ClusterFacts, settings: RestrictionSettings = {}): readonly Restriction[] {
  const whole = platformOfCluster(facts)
  const byPlatform = Map.groupBy(facts.nodes, platformOfNode)
  const cluster = whole === undefined || isLifted(whole, settings) ? [] : [restrictionOf(whole, [])]
  const nodes = all.flatMap(({ kind }) => {
    const concerned = byPlatform.get(kind)?.map(({ name }) => name) ?? []
    return concerned.length === 0 || kind === whole ? [] : [restrictionOf(kind, concerned)]
  })
  return [...cluster, ...nodes]
}

function isLifted(kind: RestrictionKind, { uidRange = false, masked = [] }: RestrictionSettings): boolean {
  return kind === 'openshift' && uidRange && masked.some((folder) => folder.endsWith('/run/crio'))
}

function restrictionOf(kind: RestrictionKind, nodes: readonly string[]): Restriction {
  const { forbidsOnNode: _forbids, refusal: _refusal, ...restriction } = platforms[kind]
  return { ...restriction, nodes }
}

/**
 * Returns the restriction that forbids a debug pod on a node, or these stages in it; undefined where none does.
 * `pipeline`: argv of each stage.
 */
export function restrictionOfNode(node: NodeFacts, pipeline: readonly (readonly string[])[]): Restriction | undefined {
  const kind = platformOfNode(node)
  if (kind === undefined) return undefined
  const { forbidsOnNode } = platforms[kind]
  const isForbidden =
    forbidsOnNode === 'pods' || (forbidsOnNode === 'programs' && pipeline.some(([tool]) => tool === 'chroot'))
  return isForbidden ? restrictionOf(kind, [node.name]) : undefined
}

/** Returns the restriction that a refusal of the API server is due to; undefined where it is none that is known. */
export function restrictionOfRefusal(message: string): Restriction | undefined {
  const found = all.find(({ refusal }) => refusal?.test(message) === true)
  return found === undefined ? undefined : restrictionOf(found.kind, [])
}

/** Maximum of nodes that are named. */
const maxNamed = 5

/** Returns a restriction as one line of a list: `Talos Linux (node1, node2): … What still works: …`. */
export function restrictionText({ name, nodes, forbids, works, setting }: Restriction): string {
  const named = nodes.slice(0, maxNamed).join(', ')
  const more = nodes.length > maxNamed ? ` and ${nodes.length - maxNamed} more` : ''
  const where = nodes.length === 0 ? '' : ` (${named}${more})`
  return `${name}${where}: ${forbids}. What still works: ${works}.${setting === undefined ? '' : ` To do: ${setting}.`}`
}

/** Returns a refusal for the person who asked: what forbids it, and what still works. */
export function restrictionRefusal({ name, nodes, forbids, works }: Restriction): { message: string; wayOut: string } {
  const subject = nodes.length === 0 ? `This is ${name}` : `${nodes.join(', ')} is a node of ${name}`
  return { message: `${subject}: ${forbids}.`, wayOut: `What still works: ${works}.` }
}
