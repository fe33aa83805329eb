import { expect, test } from '@jest/globals'
import { createObjectReader, lookUpFacts } from '#src/bot/triage/read-objects'
import { openTriages } from '#test/samples/triage'

const nodeObject = (name: string, address: string, podCIDR: string) => ({
  kind: 'Node',
  metadata: { name },
  spec: { podCIDR },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

function open() {
  const all = openTriages()
  const { ctx } = all.typed('alice', 'triage')
  return { ...all, ctx }
}

test('each list is read once for all targets, as the person or as the bot itself', async () => {
  const { cluster, ctx } = open()
  const read = createObjectReader(cluster, ctx)
  await Promise.all([read({ kind: 'nodes' }), read({ kind: 'nodes' }), read({ kind: 'leases' })])
  await createObjectReader(cluster, ctx, 'itself')({ kind: 'nodes' })
  expect(cluster.readers).toEqual(['alice@example.com nodes', 'alice@example.com leases', 'itself nodes'])
})

test('a failure is the reason, and is not asked for again', async () => {
  const { cluster, ctx } = open()
  let asked = 0
  cluster.objects = () => {
    asked += 1
    return Promise.reject(new Error('forbidden'))
  }
  const read = createObjectReader(cluster, ctx)
  expect(await read({ kind: 'nodes' })).toEqual({ problem: 'forbidden' })
  expect(await read({ kind: 'nodes' })).toEqual({ problem: 'forbidden' })
  expect(asked).toBe(1)
})

test('facts about a node are taken from the lists; what can’t be read is absent', async () => {
  const { cluster, ctx } = open()
  cluster.apiObjects.set('nodes', [
    nodeObject('node001', '10.0.0.11', '10.244.1.0/24'),
    nodeObject('node002', '10.0.0.12', '10.244.2.0/24'),
  ])
  const { objects } = cluster
  cluster.objects = (query, by) =>
    query.kind === 'endpoints' && query.namespace === 'default' ? Promise.reject(new Error('no')) : objects(query, by)
  cluster.apiObjects.set('endpoints kube-system/kube-dns', [{ kind: 'Service', spec: { clusterIP: '10.96.0.10' } }])
  const factsOf = await lookUpFacts(createObjectReader(cluster, ctx, 'itself'))
  expect(factsOf('node001')).toEqual({
    peers: ['10.0.0.12'],
    podCidrs: ['10.244.2.0/24'],
    ownPodCidrs: ['10.244.1.0/24'],
    clusterDns: ['10.96.0.10'],
  })
})
