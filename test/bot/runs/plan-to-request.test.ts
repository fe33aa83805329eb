import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

test('a request has the person, the account, the place, the flags and the text as typed', async () => {
  const { say, saved } = openContexts()
  const text = 'shell --reason "disk full" --timeout 20s --deadline 30s node001 ping 10.0.0.1'
  await say('alice', text, { id: 'r1' })
  expect((await saved('r1')).request).toMatchObject({
    ...{ id: 'r1', by: { id: 'alice@example.com' }, account: { user: 'alice' }, thread: { channel: 'C' } },
    ...{ reason: 'disk full', startTimeout: 20, deadline: 30, typed: { text, plain: text.replaceAll('"', "'") } },
    target: { kind: 'node', cluster: 'dev', name: 'node001' },
    facts: { uid: 'uid-node001', labels: { pool: 'web' } },
    pipeline: [{ tool: 'ping', given: ['ping', '10.0.0.1'] }],
  })
})

test('what can’t be carried out is explained, with a corrected command', async () => {
  const { say, audit, counted } = openContexts()
  expect(await say('alice', 'shell --context lab -l pool dig x')).toMatchObject([{ kind: 'misunderstood' }])
  expect(await say('alice', 'shell --context lab node001 dig x')).toMatchObject([
    { kind: 'misunderstood', message: 'There is no cluster "lab". Leave out --context to use dev.' },
  ])
  expect(await say('alice', 'shell --break-glass node001 drill x')).toMatchObject([
    { kind: 'misunderstood', suggestion: 'shell --reason "…" --break-glass node001 drill x' },
  ])
  expect(audit.records).toEqual([])
  expect(counted).toEqual(['misunderstood', 'misunderstood', 'misunderstood'])
})

test('in a pod that opens its node, a tool needs what it would need on that node', async () => {
  const base = { namespace: 'shop', namespaceLabels: {}, status: 'Running', node: 'node001', labels: {} }
  const access = { namespaces: ['network' as const], sharesProcesses: false, containers: [] }
  const { say, audit } = openContexts({
    pods: [{ ...base, uid: 'uid-agent', name: 'agent', access }],
  })
  const [reply] = await say('alice', 'can-i shell -n shop pod/agent ss -lnt')
  expect(JSON.stringify(reply)).toContain('judged as node/node001')
  expect(audit.records).toEqual([])
})
