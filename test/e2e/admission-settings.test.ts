import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import { type Change, podWith, runnerWords, useWalls } from '#test/environment/admission'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'

const cluster = useCluster()
// A name of this file's own: another checkout's file removes its class when it ends.
const priority = `redteam-${randomBytes(4).toString('hex')}`

// Before the policy is tried: the class has to be there.
beforeAll(
  () =>
    cluster().create([
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: priority }, value: 1_000 } as Made,
    ]),
  30_000,
)

const user = { runAsUser: 1_000_620_007, runAsGroup: 1_000_620_007 }
const pod = { priorityClassName: priority, imagePullSecrets: [{ name: 'registry' }] }
const accepted: Change = { context: user, pod, container: { imagePullPolicy: 'Always' } }
const walls = useWalls(cluster, {
  shell: `keep: off, keepInPods: off, masked: [], pullPolicy: Always, pullSecrets: [registry], priorityClass: ${priority}, uidRange: 1000620000/10000`,
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
  ['another pull policy', { container: { imagePullPolicy: 'IfNotPresent' } }],
  ['more output', { container: { imagePullPolicy: 'Always', command: runnerWords('60').with(6, '1048577') } }],
  ['a stay', { container: { imagePullPolicy: 'Always', command: runnerWords('60', ['--keep', '1', '--life', '60']) } }],
  [
    'a mask that is none',
    {
      pod: { ...pod, volumes: [{ name: 'nothing', emptyDir: { sizeLimit: '4Ki' } }] },
      container: {
        imagePullPolicy: 'Always',
        volumeMounts: [{ name: 'nothing', mountPath: '/host/x', readOnly: true }],
      },
    },
  ],
])('T47 what it doesn’t is refused: %s', async (_what, change) => {
  expect(await walls().refusal(podWith(cluster(), { ...accepted, ...change }))).toContain('retina-chatops: ')
})
