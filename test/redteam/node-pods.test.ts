import { expect, test } from '@jest/globals'
import type { V1Container, V1ContainerStatus } from '@kubernetes/client-node'
import { authorize } from '#core/policy/authorize'
import type { TargetFacts } from '#core/request/target'
import { noNeeds } from '#core/request/tool'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import type { Connection } from '#src/kubernetes/api/connection'
import { resolveTarget } from '#src/kubernetes/workload/resolve-target'
import { expectValid } from '#test/config/expect-valid'
import { sampleRequest } from '#test/samples/run'
import { type Granted, type NodePodCase, nodePodCases } from './node-pods.ts'
import { reachedNodeCases } from './reached-nodes.ts'

const targets = {
  pods: '{ namespaces: [shop] }',
  node: '{ nodes: node001 }',
  'node-label': "{ nodes: 'pool=web' }",
  'other-node': '{ nodes: node002 }',
} satisfies Record<Granted[1], string>

function policyOf(granted: readonly Granted[]) {
  const grants = granted.map(([set, on]) => `  - { to: [carol@example.com], sets: [${set}], on: [${targets[on]}] }`)
  const text = `
clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
capabilitySets:
  probe: { tools: ['*', cat /proc/PID, cat /proc/sys] }
  net: { tools: ['*', cat /proc/PID, cat /proc/sys], capabilities: [NET_ADMIN, NET_RAW] }
  trace: { tools: ['*', cat /proc/PID, cat /proc/sys], capabilities: [SYS_PTRACE], host: { pid: true } }
  root: { tools: ['*', cat /proc/PID, cat /proc/sys], capabilities: [ALL], host: { filesystem: read-write, pid: true }, effect: write }
grants:${grants.length === 0 ? ' []' : `\n${grants.join('\n')}`}
`
  return expectValid(parseConfig(text, {}, knownNames())).config.policy
}

const web: V1Container = { name: 'web', image: 'x:1' }

/** Resolves a pod of a cluster that answers with this one, on node001. */
async function factsOf({ pod, container }: NodePodCase): Promise<TargetFacts> {
  const spec = { containers: [web], nodeName: 'node001', ...pod }
  const running = ({ name }: { name: string }) => ({ name, state: { running: {} } }) as V1ContainerStatus
  const answers = {
    readNamespacedPod: async () => ({
      metadata: { uid: 'u1', labels: { app: 'web' } },
      spec,
      status: { phase: 'Running', podIP: '10.1.0.1', containerStatuses: spec.containers.map(running) },
    }),
    readNamespace: async () => ({ metadata: { labels: {} } }),
  }
  const node = { uid: 'n1', node: 'node001', os: 'linux' as const, labels: { pool: 'web' }, namespaceLabels: {} }
  const inside = container === undefined ? {} : { container }
  const target = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web-1', ...inside }
  const facts = await resolveTarget({ core: answers } as unknown as Connection, target, async () => node)
  if ('problem' in facts) throw new Error(facts.message)
  return facts
}

async function decide(given: NodePodCase) {
  const inside = given.container === undefined ? {} : { container: given.container }
  const target = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web-1', ...inside }
  const request = sampleRequest({ target, facts: await factsOf(given), needs: { ...noNeeds, ...given.needs } })
  const special = given.special === undefined ? [] : [{ name: given.special, why: 'own' }]
  const pipeline = request.pipeline.map((stage) => ({ ...stage, special }))
  return authorize({ ...request, pipeline }, policyOf(given.granted), request.at)
}

test.each([...nodePodCases, ...reachedNodeCases])('T46 $what: $expect', async (given) => {
  expect((await decide(given)).effect).toBe(given.expect)
})
