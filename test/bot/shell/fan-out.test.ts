import { expect, test } from '@jest/globals'
import { openContexts, samplePolicy } from '#test/samples/contexts'

test('each target is decided, recorded and queued as a run of its own; one message shows all of them', async () => {
  const { say, saved, queue, store, recorded } = openContexts()
  const [reply] = await say('alice', 'shell -l pool dig x', { id: 'f1' })
  expect(reply).toMatchObject({ kind: 'fan-out', id: 'f1', where: 'nodes with pool', total: 2, ended: 0 })
  const fanOut = await store.getValue('fan-out', 'f1')
  if (fanOut === undefined || fanOut === 'broken') throw new Error('there is no fan-out')
  expect(fanOut.members.map(({ target }) => target)).toEqual(['node/node001', 'node/node002'])
  for (const { run } of fanOut.members) {
    expect(await saved(run)).toMatchObject({ fanOut: 'f1', state: 'queued', message: { message: 'm1' } })
    expect(await queue.has(run)).toBe(true)
  }
  expect(recorded().map((line) => line.split(' ')[0])).toEqual(['decided', 'decided', 'fan-out', 'queued', 'queued'])
  expect([...(await store.fields('open-fan-outs', 'all')).keys()]).toEqual(['f1'])
})

test('a selector without matches, and more targets than confirmed, run nothing', async () => {
  const { say, audit, queue } = openContexts()
  expect(await say('alice', 'shell -l pool=none dig x')).toMatchObject([
    { kind: 'refused', message: 'There are no nodes with pool=none that you have access to.' },
  ])
  expect(await say('dave', 'shell -l pool dig x')).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'shell --targets 3 -l pool dig x')).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('You expected 3') },
  ])
  expect((await queue.counts()).waiting).toBe(0)
  expect(audit.records).toEqual([])
})

test('targets that need approval are left out, and said; where nothing is left, nothing runs', async () => {
  const { say, queue } = openContexts()
  expect(await say('alice', 'shell -l pool drill x')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('"guarded" requires approval') },
  ])
  expect((await queue.counts()).waiting).toBe(0)
})

test('targets that aren’t granted are left out, and said', async () => {
  const policy = `
capabilitySets: { probe: { tools: [dig] }, other: { tools: [ping] } }
grants:
  - { to: [alice@example.com], sets: [probe], on: [{ nodes: node001 }] }
  - { to: [alice@example.com], sets: [other], on: [{ nodes: '*' }] }`
  const { say, queue } = openContexts({ policy })
  expect(await say('alice', 'shell -l pool dig x')).toMatchObject([
    { total: 1, skipped: [{ targets: ['node/node002'] }] },
  ])
  expect((await queue.counts()).waiting).toBe(1)
})

test('break-glass works for one target at a time', async () => {
  const { say, queue } = openContexts({ policy: samplePolicy('breakGlass: [alice@example.com]') })
  expect(await say('alice', 'shell --break-glass --reason "down" -l pool drill x')).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('one target at a time') },
  ])
  expect((await queue.counts()).waiting).toBe(0)
})

test('what the cluster would refuse is refused for all', async () => {
  const { say, cluster, queue } = openContexts()
  cluster.refusals.set('node001', 'a quota is used up')
  expect(await say('alice', 'shell -l pool dig x')).toMatchObject([
    { kind: 'refused', message: 'The cluster would refuse this: a quota is used up' },
  ])
  expect((await queue.counts()).waiting).toBe(0)
})

test('a preview runs and records nothing', async () => {
  const { say, audit, queue } = openContexts()
  expect(await say('alice', 'can-i shell -l pool dig x')).toMatchObject([
    { title: '2 nodes with pool', note: 'Nothing was run.' },
  ])
  expect([audit.records, (await queue.counts()).waiting]).toEqual([[], 0])
})

test('a bot that takes it over queues what is missing, and nothing twice', async () => {
  const { say, store, queue, chat } = openContexts()
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  const fanOut = await store.getValue('fan-out', 'f1')
  const [, second] = typeof fanOut === 'object' ? fanOut.members : []
  await queue.remove(second?.run ?? '')
  expect(await say('alice', 'shell -l pool dig x', { id: 'f1', isRetry: true })).toEqual([])
  expect((await queue.counts()).waiting).toBe(2)
  expect(chat.shown).toHaveLength(1)
  store.breakValue('fan-out', 'f1')
  expect(await say('alice', 'shell -l pool dig x', { id: 'f1', isRetry: true })).toMatchObject([
    { message: expect.stringContaining('was changed in Redis') },
  ])
})
