import { expect, test } from '@jest/globals'
import { isPodOf, type Owner, ownerKindOf, ownerText } from '#core/request/owner'

test.each([
  ['deploy', 'Deployment'],
  ['Deployments', 'Deployment'],
  ['deployment.apps', 'Deployment'],
  ['sts', 'StatefulSet'],
  ['ds', 'DaemonSet'],
  ['rs', 'ReplicaSet'],
  ['job', 'Job'],
  ['cj', 'CronJob'],
  ['svc', 'Service'],
  ['pod', undefined],
  ['node', undefined],
])('%s names %s', (word, kind) => {
  expect(ownerKindOf(word)).toBe(kind)
})

const controlled = (kind: string, name: string, labels = {}) => ({ labels, controller: { kind, name } })

test.each<[string, Owner, Parameters<typeof isPodOf>[0], boolean]>([
  [
    'its replica set',
    { kind: 'Deployment', name: 'web' },
    controlled('ReplicaSet', 'web-5d4', { 'pod-template-hash': '5d4' }),
    true,
  ],
  [
    'another one’s',
    { kind: 'Deployment', name: 'web' },
    controlled('ReplicaSet', 'web-api-5d4', { 'pod-template-hash': '5d4' }),
    false,
  ],
  ['a label alone', { kind: 'Deployment', name: 'web' }, { labels: { 'pod-template-hash': '5d4', app: 'web' } }, false],
  ['the set', { kind: 'StatefulSet', name: 'db' }, controlled('StatefulSet', 'db'), true],
  ['another kind', { kind: 'StatefulSet', name: 'db' }, controlled('DaemonSet', 'db'), false],
  ['the job', { kind: 'Job', name: 'x' }, controlled('Job', 'x'), true],
  ['its job', { kind: 'CronJob', name: 'x' }, controlled('Job', 'x-28941'), true],
  ['another job', { kind: 'CronJob', name: 'x' }, controlled('Job', 'x-y-28941'), false],
])('a pod of %s', (_what, owner, pod, expected) => {
  expect(isPodOf(pod, owner, undefined)).toBe(expected)
})

test('a service has the pods with all of its labels, and none without labels', () => {
  const owner: Owner = { kind: 'Service', name: 'web' }
  expect(isPodOf({ labels: { app: 'web', tier: 'a' } }, owner, { app: 'web' })).toBe(true)
  expect(isPodOf({ labels: { app: 'web' } }, owner, { app: 'web', tier: 'a' })).toBe(false)
  expect(isPodOf({ labels: { app: 'web' } }, owner, {})).toBe(false)
  expect(ownerText(owner)).toBe('svc/web')
})
