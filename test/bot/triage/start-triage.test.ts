import { expect, test } from '@jest/globals'
import { verified } from '#core/ports/store'
import { frontNode, openTriages } from '#test/samples/triage'

test('one run for each target and set is enqueued, and one message is shown', async () => {
  const all = openTriages({ nodes: [frontNode('f1'), frontNode('f2')] })
  const [message] = await all.say('alice', 'triage -l tier=front node-network', { id: 't1' })
  expect(message).toMatchObject({
    kind: 'triage',
    id: 't1',
    targets: 2,
    total: 2,
    ended: 0,
    playbooks: ['node-network'],
  })
  expect((await all.queue.counts()).waiting).toBe(2)
  const fanOut = verified(await all.store.getValue('fan-out', 't1'))
  expect(fanOut).toMatchObject({
    by: { id: 'alice@example.com' },
    command: 'triage node-network',
    members: [{ target: 'node/f1' }, { target: 'node/f2' }],
    triage: { targets: ['node/f1', 'node/f2'], cluster: 'dev' },
  })
  expect(fanOut?.triage?.pages).toBeUndefined()
  expect(all.recorded()).toEqual([
    ...(fanOut?.members.map(({ run }) => `decided ${run} alice@example.com`) ?? []),
    'fan-out t1 alice@example.com',
    ...(fanOut?.members.map(({ run }) => `queued ${run} alice@example.com`) ?? []),
  ])
  expect(all.details('fan-out')).toEqual({ where: 'nodes with tier=front', command: 'triage node-network', runs: '2' })
})

test('a bot that was interrupted goes on with the members that it had saved', async () => {
  const all = openTriages()
  await all.say('alice', 'triage node001 node-network', { id: 't1' })
  const before = all.audit.records.length
  expect(await all.say('alice', 'triage node001 node-network', { id: 't1', isRetry: true })).toEqual([])
  expect((await all.queue.counts()).waiting).toBe(1)
  expect(all.audit.records.slice(before).filter(({ what }) => what === 'fan-out')).toEqual([])
})

test.each([
  ['alice', 'triage node001 dsn', { kind: 'misunderstood', suggestion: 'triage node001 dns' }],
  [
    'alice',
    'triage node001 weather',
    { kind: 'misunderstood', message: expect.stringContaining('There is no playbook "weather"') },
  ],
  [
    'alice',
    'triage node001 service',
    { kind: 'misunderstood', message: expect.stringMatching(/for Services: name one/) },
  ],
  ['alice', 'triage -n shop pod/front-b node-health', { kind: 'triage' }],
  ['dave', 'triage node001', { kind: 'refused', message: 'You have no access to node/node001.' }],
  [
    'alice',
    'triage --again',
    { kind: 'refused', message: expect.stringContaining('There is no triage in this thread') },
  ],
])('%s: `%s` is answered', async (user, text, answer) => {
  const all = openTriages()
  expect(await all.say(user, text)).toMatchObject([answer])
})

test('where no check may run, the message says which set would give it, and nothing is queued', async () => {
  const all = openTriages()
  const [message] = await all.say('bob', 'triage node001 node-health', { id: 't1' })
  expect(message).toMatchObject({ kind: 'triage', total: 0, ended: 0, actions: ['rerun'] })
  expect(JSON.stringify(message)).toMatch(/node-conditions, node-lease.*: the set triage would give it/)
  expect((await all.queue.counts()).waiting).toBe(0)
})

test('a triage of a bot with pages has one', async () => {
  const all = openTriages()
  all.bot.pages = { link: async () => 'https://bot.example' }
  await all.say('alice', 'triage node001 node-network', { id: 't1' })
  expect(verified(await all.store.getValue('fan-out', 't1'))?.triage?.pages).toBe(true)
})

test('nothing is run that could not be recorded', async () => {
  const all = openTriages()
  all.audit.fails = new Error('away')
  await expect(all.say('alice', 'triage node001 node-network')).rejects.toThrow('away')
  expect((await all.queue.counts()).waiting).toBe(0)
})
