import type { NodeInfo, PodInfo } from '#core/request/target'
import { type ContextOptions, openContexts } from './contexts.ts'

/** Alice has all that checks need, Bob a part of it; Dave has nothing. */
const triagePolicy = `
capabilitySets:
  probe: { tools: [ip, dig] }
  triage:
    tools: [ip, sysctl, dig, ss, nstat, curl, ping, conntrack, chroot, api nodes, api leases, api endpoints, api policies]
    capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT]
    host: { filesystem: read-only, pid: true }
grants:
  - { to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }, { namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ nodes: '*' }] }
  - { to: [carol@example.com], sets: [triage], on: [{ namespaces: [shop], pods: 'front-b' }] }`

/** A pod of the deployment front. */
export const frontPod = (name: string, change: Partial<PodInfo> = {}): PodInfo => ({
  ...{ uid: `uid-${name}`, namespace: 'shop', namespaceLabels: {}, name, status: 'Running', node: 'node001' },
  ...{ labels: { app: 'front', 'pod-template-hash': '5d4' }, ready: true },
  controller: { kind: 'ReplicaSet', name: 'front-5d4' },
  ...change,
})

/** A ready node of the pool front. */
export const frontNode = (name: string): NodeInfo => ({
  ...{ uid: `uid-${name}`, name, status: 'Ready', os: 'linux', version: 'v1.36.0', labels: { tier: 'front' } },
})

/** Opens contexts for triages: a healthy node unless `tools` say otherwise, and pods of the deployment front. */
export function openTriages(options: ContextOptions = {}) {
  const tools = {
    ip: () => [{ out: '1.1.1.1 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0\n' }],
    dig: () => [{ out: '10.0.0.1\n' }],
    ...options.tools,
  }
  const pods = [frontPod('front-a', { ready: false }), frontPod('front-b')]
  const all = openContexts({ policy: triagePolicy, pods, ...options, tools })
  all.cluster.services.set('shop/front', { selector: { app: 'front' } })
  return all
}
