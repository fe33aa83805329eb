import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import { type Change, podWith, runnerWords, useWalls } from '#test/environment/admission'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'

const cluster = useCluster()
// A name of this file's own: another checkout's file removes its class when it ends.
const priority = `redteam-${randomBytes(4).toString('hex')}`

// Before the policy is tried: the class has to be there.
beforeAll(() =>
  cluster().create([
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: priority }, value: 1_000 } as Made,
  ]),
)

const user = { runAsUser: 1_000_620_007, runAsGroup: 1_000_620_007 }
const pod = { priorityClassName: priority, imagePullSecrets: [{ name: 'registry' }] }
const resources = { requests: { cpu: '100m' }, limits: { memory: '256Mi' } }
const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': 'wallswalls22' }
const metadata = {
  labels: { ...labels, 'sidecar.istio.io/inject': 'false' },
  annotations: { 'linkerd.io/inject': 'disabled' },
}
const container = { imagePullPolicy: 'Always', resources }
const accepted: Change = { context: user, pod, container, metadata }
const more =
  "resources: { requests: { cpu: 0.1 }, limits: { memory: 256Mi } }, labels: { sidecar.istio.io/inject: 'false' }, annotations: { linkerd.io/inject: disabled }"
const walls = useWalls(cluster, {
  shell: `keep: off, keepInPods: off, masked: [], pullPolicy: Always, imagePullSecrets: [registry], priorityClassName: ${priority}, uidRange: 1000620000/10000, ${more}`,
  pod: accepted,
})
const readOnly = { readOnly: true, recursiveReadOnly: 'Enabled' }

test('T47 what the owner’s file configures is accepted', async () => {
  expect(await walls().refusal(podWith(cluster(), accepted))).toBe('')
  const last = { ...accepted, context: { runAsUser: 1_000_629_999, runAsGroup: 1_000_629_999 } }
  expect(await walls().refusal(podWith(cluster(), last))).toBe('')
  const bare = { priorityClassName: priority }
  expect(await walls().refusal(podWith(cluster(), { ...accepted, pod: bare }))).toBe('')
  const volumes = [{ name: 'host', hostPath: { path: '/', type: 'Directory' } }]
  const mounted = { ...accepted, pod: { ...pod, volumes }, mount: readOnly }
  expect(await walls().refusal(podWith(cluster(), mounted))).toBe('')
})

test.each<[string, Change]>([
  ['a user before the range', { context: { runAsUser: 1_000_619_999, runAsGroup: 1_000_619_999 } }],
  ['a user behind the range', { context: { runAsUser: 1_000_630_000, runAsGroup: 1_000_630_000 } }],
  ['a user of the default range', { context: { runAsUser: 2_000_000_000, runAsGroup: 2_000_000_000 } }],
  ['no priority class', { pod: {} }],
  ['another priority class', { pod: { ...pod, priorityClassName: 'system-node-critical' } }],
  ['another pull secret', { pod: { ...pod, imagePullSecrets: [{ name: 'registry' }, { name: 'other' }] } }],
  ['another pull policy', { container: { ...container, imagePullPolicy: 'IfNotPresent' } }],
  ['no resources', { container: { imagePullPolicy: 'Always' } }],
  ['a higher limit', { container: { ...container, resources: { ...resources, limits: { memory: '1Gi' } } } }],
  [
    'an injected sidecar, by label',
    { metadata: { ...metadata, labels: { ...metadata.labels, 'sidecar.istio.io/inject': 'true' } } },
  ],
  [
    'an injected sidecar, by annotation',
    { metadata: { ...metadata, annotations: { 'linkerd.io/inject': 'enabled' } } },
  ],
  ['no label that keeps a sidecar out', { metadata: { ...metadata, labels } }],
  ['more output', { container: { ...container, command: runnerWords('60').with(6, '1048577') } }],
  ['a stay', { container: { ...container, command: runnerWords('60', ['--keep', '1', '--life', '60']) } }],
  [
    'a mask that is none',
    {
      pod: { ...pod, volumes: [{ name: 'nothing', emptyDir: { sizeLimit: '4Ki' } }] },
      container: {
        ...container,
        volumeMounts: [{ name: 'nothing', mountPath: '/host/x', readOnly: true }],
      },
    },
  ],
])('T47 what it doesn’t is refused: %s', async (_what, change) => {
  expect(await walls().refusal(podWith(cluster(), { ...accepted, ...change }))).toContain('retina-chatops: ')
})
