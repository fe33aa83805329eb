import { expect, test } from '@jest/globals'
import type { PodInfo } from '#core/request/target'
import { completeFacts } from '#src/worker/runs/fill-missing-pod-access'
import { fakeCluster } from '#test/fakes/cluster'

const pod: PodInfo = {
  ...{ uid: 'uid-net-1', namespace: 'shop', name: 'net-1', node: 'node001', status: 'Running' },
  ...{ labels: {}, namespaceLabels: {} },
  access: { namespaces: ['network'], sharesProcesses: false, containers: [] },
}
const target = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'net-1' }
const facts = { uid: 'uid-net-1', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {} }
const everything = ['network', 'processes', 'ipc']

const clusters = () => new Map([['dev', fakeCluster('dev', {}, [], [pod])]])

test('T46 what a run of an earlier version doesn’t say of its pod, the cluster is asked', async () => {
  expect(await completeFacts({ clusters: clusters() }, { target, facts })).toMatchObject({ opens: ['network'] })
  const known = { ...facts, opens: [] }
  expect(await completeFacts({ clusters: clusters() }, { target, facts: known })).toBe(known)
})

test('T46 a pod that can’t be looked up, or is another one, counts as all of its node', async () => {
  expect(await completeFacts({ clusters: new Map() }, { target, facts })).toMatchObject({ opens: everything })
  const gone = { ...target, name: 'gone' }
  expect(await completeFacts({ clusters: clusters() }, { target: gone, facts })).toMatchObject({ opens: everything })
  const other = { ...facts, uid: 'another' }
  expect(await completeFacts({ clusters: clusters() }, { target, facts: other })).toMatchObject({ opens: everything })
})

test('a node has nothing to be asked', async () => {
  const node = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
  expect(await completeFacts({ clusters: new Map() }, { target: node, facts })).toBe(facts)
})
