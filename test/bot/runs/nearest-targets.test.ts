import { expect, test } from '@jest/globals'
import { mayNameNodes, mayNamePods, nearestTargets } from '#src/bot/runs/nearest-targets'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: 'node*' }, { namespaces: shop }] }]`

function open() {
  const all = openContexts({ policy })
  const person = (user: string) => all.directory.people.get(user) ?? { id: '', name: '', groups: [] }
  return { ...all, alice: person('alice'), dave: person('dave') }
}

test('people are told of targets that they may name, and of no others', async () => {
  const { bot, cluster, alice, dave } = open()
  expect((await mayNameNodes(bot, alice, cluster)).map(({ name }) => name)).toEqual(['node001', 'node002'])
  expect(await mayNameNodes(bot, dave, cluster)).toEqual([])
  expect((await mayNamePods(bot, alice, cluster, 'shop')).map(({ name }) => name)).toEqual(['web-1'])
  expect(await mayNamePods(bot, dave, cluster, 'shop')).toEqual([])
})

test('similar names are suggested, the nearest first, two at most, without the name itself', async () => {
  const { bot, cluster, alice, dave } = open()
  const near = (name: string, person = alice) =>
    nearestTargets(bot, person, cluster, { kind: 'node', cluster: 'dev', name })
  expect(await near('node01')).toEqual(['node/node001', 'node/node002'])
  expect(await near('node001')).toEqual(['node/node002'])
  expect(await near('win01')).toEqual([])
  expect(await near('node01', dave)).toEqual([])
  const pod = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web1' }
  expect(await nearestTargets(bot, alice, cluster, pod)).toEqual(['-n shop pod/web-1'])
})
