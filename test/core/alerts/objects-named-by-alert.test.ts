import { expect, test } from '@jest/globals'
import { agoText } from '#core/alerts/alert-record'
import { playbooksOfAlert } from '#core/alerts/match-playbooks'
import { namesOfAlert } from '#core/alerts/objects-named-by-alert'
import { playbooks } from '#src/app/playbooks'

const none = { name: 'A', labels: {}, texts: [] }

test('names come from labels; values that no object can have as its name are left out', () => {
  const labels = {
    node: 'node001',
    instance: '[2001:db8::1]:9100',
    pod: 'web-1',
    namespace: 'shop',
    service: 'web',
    cluster: 'prod',
    exported_node: 'Node 1',
  }
  expect(namesOfAlert({ ...none, labels })).toMatchObject({
    cluster: 'prod',
    nodes: ['node001'],
    instances: ['2001:db8::1'],
    pods: ['web-1'],
    namespaces: ['shop'],
    services: ['web'],
  })
})

test.each(['../etc', 'a b', 'node001,x=y', '-x', '<!channel>', 'x'.repeat(254), '', 'node001\n'])(
  'T13 %j is no name in a label',
  (value) => {
    const { nodes, pods, namespaces, instances } = namesOfAlert({
      ...none,
      labels: { node: value, pod: value, namespace: value, instance: value },
    })
    expect([nodes, pods, namespaces, instances]).toEqual([[], [], [], []])
  },
)

test('words of sentences keep NAMESPACE/NAME together, and lose the marks around them', () => {
  const texts = ['Errors on NODE002 (eth0): pod shop/web-1, see ../x/y/z and "node001".']
  const { words } = namesOfAlert({ ...none, texts })
  expect(words).toEqual(expect.arrayContaining(['node002', 'eth0', 'shop/web-1', 'node001']))
  expect(words).not.toContain('x/y/z')
  expect(namesOfAlert({ ...none, texts: ['a b '.repeat(10_000), 'x1 '.repeat(1_000)] }).words.length).toBeLessThan(501)
})

test('playbooks propose themselves by patterns of names', () => {
  const of = (name: string) => playbooksOfAlert(name, playbooks).map((each) => each.name)
  expect(of('NodeNetworkReceiveErrs')).toEqual(['node-network'])
  expect(of('KubeNodeNotReady').toSorted()).toEqual(['node-health', 'node-network'])
  expect(of('kubenodenotready')).toEqual([])
  expect(of('xNodeNetwork')).toEqual([])
})

test('a pattern may have several stars', () => {
  const [first] = playbooks.values()
  if (first === undefined) throw new Error('there is no playbook')
  const matches = (pattern: string, name: string) =>
    playbooksOfAlert(name, new Map([['one', { ...first, alerts: [pattern] }]])).length === 1
  expect(matches('*Dns*Slow', 'CoreDnsVerySlow')).toBe(true)
  expect(matches('a*a', 'a')).toBe(false)
  expect(matches('*', '')).toBe(true)
  expect(matches('*ab*ab', 'xabab')).toBe(true)
  expect(matches('ab*ba', 'aba')).toBe(false)
})

test('times are told in their largest unit', () => {
  const now = new Date('2026-11-28T12:00:00Z')
  const ago = (then: string) => agoText(then, now)
  expect(ago('2026-11-25T11:00:00Z')).toBe('3 days ago')
  expect(ago('2026-11-28T11:00:00Z')).toBe('1 hour ago')
  expect(ago('2026-11-28T12:00:01Z')).toBe('0 seconds ago')
})
