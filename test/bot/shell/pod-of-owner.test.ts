import { expect, test } from '@jest/globals'
import type { PodInfo } from '#core/request/target'
import { openContexts } from '#test/samples/contexts'

const podOf = (name: string, change: Partial<PodInfo> = {}): PodInfo => ({
  ...{ uid: `uid-${name}`, name, namespace: 'shop', namespaceLabels: {}, status: 'Running', node: 'node001' },
  ...{ labels: {}, ready: true, controller: { kind: 'StatefulSet', name: 'db' }, ...change },
})
const text = 'shell -n shop sts/db dig x'

test('a ready pod of the owner is chosen and named, and the command runs on it', async () => {
  const { say, saved, details } = openContexts({ pods: [podOf('db-0', { ready: false }), podOf('db-1')] })
  expect(await say('alice', text, { id: 'r1' })).toMatchObject([
    {
      kind: 'queued',
      run: { target: '-n shop pod/db-1', added: [expect.stringContaining('pod/db-1, the ready one')] },
    },
  ])
  expect((await saved('r1')).request.target).toMatchObject({ kind: 'pod', namespace: 'shop', name: 'db-1' })
  expect(details('decided')).toMatchObject({ decision: 'allow' })
})

test('without a ready pod another one is chosen, and that is said', async () => {
  const { say } = openContexts({ pods: [podOf('db-0', { ready: false }), podOf('db-1', { ready: false })] })
  expect(await say('alice', text)).toMatchObject([{ run: { added: [expect.stringContaining('none of 2 is ready')] } }])
})

test('pods that a person may not name look like none, and nothing is decided', async () => {
  const { say, audit, counted, queue } = openContexts({ pods: [podOf('db-0')] })
  expect(await say('dave', text)).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('there is no pod of sts/db that you may name') },
  ])
  expect(await say('alice', 'shell -n shop sts/other dig x')).toMatchObject([{ kind: 'refused' }])
  expect([audit.records, counted, (await queue.counts()).waiting]).toEqual([[], ['refused', 'refused'], 0])
})

test('a command that can’t be carried out is explained before a pod is looked for', async () => {
  const { say, counted } = openContexts({ pods: [podOf('db-0')] })
  expect(await say('alice', 'shell -n shop --context lab sts/db dig x')).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('There is no cluster "lab"') },
  ])
  expect(counted).toEqual(['misunderstood'])
})

test('without a tool a shell opens in the chosen pod, which is named', async () => {
  const policy = `
capabilitySets: { plain-shell: { terminal: shell }, probe: { tools: [dig] } }
grants: [{ to: [alice@example.com], sets: [plain-shell, probe], on: [{ namespaces: 'shop' }] }]`
  const { bot, say, saved, chat, details } = openContexts({
    policy,
    pods: [podOf('db-0', { ready: false }), podOf('db-1')],
  })
  bot.terminal = { url: new URL('https://bot.example') }
  expect(await say('alice', 'shell -n shop sts/db', { id: 's1' })).toMatchObject([
    {
      kind: 'session',
      run: { target: '-n shop pod/db-1', added: [expect.stringContaining('pod/db-1, the ready one')] },
    },
  ])
  expect((await saved('s1')).request.target).toMatchObject({ kind: 'pod', namespace: 'shop', name: 'db-1' })
  expect(chat.ofKind('session-link')).toHaveLength(1)
  expect(details('session-opened')).toMatchObject({ set: 'plain-shell' })
  expect(await say('dave', 'shell -n shop sts/db')).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'shell -n shop --context lab sts/db')).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('There is no cluster "lab"') },
  ])
})
