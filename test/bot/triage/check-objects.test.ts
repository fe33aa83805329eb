import { expect, test } from '@jest/globals'
import type { Playbook } from '#core/triage/playbook'
import { playbooks } from '#src/app/playbooks'
import type { TriageTarget } from '#src/bot/triage/authorize-checks'
import { checkObjects } from '#src/bot/triage/check-objects'
import { createObjectReader } from '#src/bot/triage/read-objects'
import { openTriages } from '#test/samples/triage'

const node: TriageTarget = {
  target: { kind: 'node', cluster: 'dev', name: 'node001' },
  facts: { uid: 'uid-node001', node: 'node001', os: 'linux', labels: {}, namespaceLabels: {} },
  known: {},
  shownAs: 'node/node001',
}
const pod: TriageTarget = {
  ...node,
  target: { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'front-b' },
  facts: { ...node.facts, labels: { app: 'front' } },
}
const nodeObject = (name: string, ready: string) => ({
  kind: 'Node',
  metadata: { name, managedFields: ['much'] },
  status: { conditions: [{ type: 'Ready', status: ready, reason: 'KubeletStopped', message: 'no news' }] },
})
const policy = (name: string, app: string) => ({
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] },
})
const chosen = (...names: readonly string[]): Playbook[] => names.flatMap((name) => playbooks.get(name) ?? [])

async function check(user: string, on: TriageTarget, given: readonly Playbook[], all = openTriages()) {
  const { ctx } = all.typed(user, 'triage', { id: 't1' })
  const read = createObjectReader(all.cluster, ctx)
  return checkObjects(all.bot, ctx, all.bot.rules(), { on, playbooks: given, read })
}

test('objects are read as the person, once for a kind, on record; only those of the target count', async () => {
  const all = openTriages()
  all.cluster.apiObjects.set('nodes', [nodeObject('node002', 'True'), nodeObject('node001', 'Unknown')])
  const { results, read } = await check('alice', node, chosen('node-health'), all)
  expect(results.find((each) => each.check === 'node-conditions')).toMatchObject({
    status: 'fail',
    said: 'The node says of itself: Ready, KubeletStopped, no news',
    command: 'api nodes',
  })
  expect(all.cluster.readers.toSorted()).toEqual(['alice@example.com leases', 'alice@example.com nodes'])
  expect(read).toEqual(['api nodes: read', 'api leases: read'])
  expect(all.recorded()).toEqual(['decided t1 alice@example.com', 'decided t1 alice@example.com'])
  expect(JSON.stringify(results)).not.toContain('much')
})

test('T07 a kind that no set of the person has is not read, and the set that would give it is named', async () => {
  const all = openTriages()
  const { results, uncovered, read } = await check('bob', node, chosen('node-health'), all)
  expect({ results, read }).toEqual({ results: [], read: [] })
  expect(uncovered).toEqual([
    { check: 'node-conditions', sets: ['triage'] },
    { check: 'node-lease', sets: ['triage'] },
    // No set of this policy has `api pods`.
    { check: 'agents', sets: [] },
  ])
  expect([all.cluster.readers, all.audit.records]).toEqual([[], []])
})

test('of policies, those count that select the pod', async () => {
  const all = openTriages()
  all.cluster.apiObjects.set('policies', [policy('deny-db', 'db'), policy('deny-front', 'front')])
  const { results } = await check('alice', pod, chosen('pod-connectivity'), all)
  expect(results).toMatchObject([
    { check: 'policies', status: 'fail', said: 'A NetworkPolicy blocks: ingress by deny-front' },
  ])
})

test('of a Service, its own objects are read, by the right on the pod behind it', async () => {
  const all = openTriages()
  const own = {
    kind: 'Service',
    metadata: { name: 'front' },
    spec: { selector: { app: 'front' }, ports: [{ port: 80 }] },
  }
  all.cluster.apiObjects.set('endpoints shop/front', [own, { kind: 'EndpointSlice', endpoints: [] }])
  const on: TriageTarget = { ...node, service: { namespace: 'shop', name: 'front', object: pod } }
  expect((await check('alice', on, chosen('service'), all)).results).toMatchObject([
    { check: 'endpoints', status: 'fail', said: 'The Service has no endpoints: no pod matches app=front' },
  ])
  // Bob may look at the node from which it would be tried, but not at the namespace.
  expect((await check('bob', on, chosen('service'), all)).uncovered).toEqual([{ check: 'endpoints', sets: ['triage'] }])
})

test('a list that can’t be read is not looked at, and that is on record', async () => {
  const all = openTriages()
  all.cluster.objects = () => Promise.reject(new Error('the API server refused it'))
  const { results, read } = await check('alice', node, chosen('node-health'), all)
  expect(results).toMatchObject([
    { status: 'unknown', said: 'the API server refused it' },
    { status: 'unknown', said: 'the API server refused it' },
  ])
  expect(read).toEqual(['api nodes: the API server refused it', 'api leases: the API server refused it'])
})
