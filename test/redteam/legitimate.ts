import type { V1EphemeralContainer, V1Pod } from '@kubernetes/client-node'
import type { ToolRequest } from '#core/request/request'
import type { Target } from '#core/request/target'
import { noNeeds } from '#core/request/tool'
import { type DebugSpec, installationLabel, toDebugSpec } from '#core/runs/debug-spec'
import { containerUserId } from '#src/kubernetes/workload/derive-user-id'
import {
  type ContainerOptions,
  type ContainerSettings,
  debugContainer,
  debugPod,
} from '#src/kubernetes/workload/pod-spec'
import { sampleRequest } from '#test/samples/run'

const repo = 'localhost/retina-chatops'
const digest = `sha256:${'5'.repeat(64)}`

/** A policy with a set of each kind, for which an admission policy is made. */
export const variantsPolicy = `
capabilitySets:
  probe: { tools: [ping, dig], maxDeadline: 5m }
  netfilter: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [cat, ls, chroot], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } }
  host-write: { tools: [sysctl], host: { filesystem: read-write }, effect: write, maxDeadline: 2m, approval: { from: [bob@example.com] } }
  trace: { tools: [bpftrace], capabilities: [SYS_ADMIN], unconfined: [seccomp, apparmor], images: ['${repo}/tracer:v*'] }
groups: { leads: [alice@example.com] }
grants: [{ to: [alice@example.com], sets: [probe, netfilter, host-read, host-write, trace], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

const needs = {
  plain: {},
  netfilter: { capabilities: ['NET_ADMIN', 'NET_RAW'], user: 'root' },
  pipeline: { capabilities: ['NET_ADMIN', 'NET_RAW'], user: 'root' },
  'read-only': { host: { filesystem: 'read-only', pid: false }, user: 'root' },
  'host-pid': { capabilities: ['SYS_CHROOT'], host: { filesystem: 'read-only', pid: true }, user: 'root' },
  'read-write': { host: { filesystem: 'read-write', pid: false }, effect: 'write', user: 'root' },
  trace: {
    capabilities: ['SYS_ADMIN'],
    confinement: { apparmor: 'unconfined', seccomp: 'unconfined' },
    user: 'root',
  },
  warm: {},
  pinned: {},
  'other-image': { capabilities: ['SYS_ADMIN'], user: 'root' },
} satisfies Record<string, Partial<ToolRequest['needs']>>

/** A kind of container that the program makes. */
export type Kind = keyof typeof needs

export const kinds = Object.keys(needs) as Kind[]

const images: Partial<Record<Kind, string>> = {
  pinned: `${repo}/shell:dev@${digest}`,
  'other-image': `${repo}/tracer:v2`,
}

/** Id of the run whose objects these are. */
export const runId = 'redteamredte'

function specOf(kind: Kind, namespace: string, target: Target): DebugSpec {
  const image = images[kind]
  const [stage] = sampleRequest().pipeline
  if (stage === undefined) throw new Error('the sample has no stage')
  // A second stage without the capabilities of the first.
  const pipeline = kind === 'pipeline' ? [stage, { ...stage, argv: ['head', '-n', '2'], bare: true }] : [stage]
  const request = sampleRequest({
    ...{ id: runId, target, pipeline },
    needs: { ...noNeeds, ...needs[kind] },
    ...(image === undefined ? {} : { image }),
  })
  const defaults = {
    ...{ image: `${repo}/shell:dev`, namespace, startTimeout: 30, deadline: 60, maxOutputBytes: 1_048_576 },
    masked: ['/run/containerd'],
  }
  return toDebugSpec(request, defaults, 120)
}

const lifetime = { idle: 300, life: 1_860 }
const userId = containerUserId(Buffer.from('key of the installation'), runId)
const optionsOf = (kind: Kind): ContainerOptions => ({
  ...{ pullPolicy: 'IfNotPresent', userId },
  ...(kind === 'warm' ? { stay: lifetime } : {}),
})

/** The debug pod of a node, as a worker creates it with the owner's settings. */
export function legitimatePod(kind: Kind, namespace: string, settings: Partial<ContainerSettings> = {}): V1Pod {
  const pod = debugPod(runId, specOf(kind, namespace, { kind: 'node', cluster: 'dev', name: 'node001' }), {
    ...optionsOf(kind),
    ...settings,
  })
  const labels = { ...pod.metadata?.labels, [installationLabel]: 'abcdefgh2345' }
  return { ...pod, metadata: { ...pod.metadata, labels } }
}

/** The container that a worker adds to a pod. */
export function legitimateContainer(kind: Kind, namespace: string, container?: string): V1EphemeralContainer {
  const inside = container === undefined ? {} : { container }
  const spec = specOf(kind, namespace, { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1', ...inside })
  return debugContainer(runId, spec, optionsOf(kind))
}
