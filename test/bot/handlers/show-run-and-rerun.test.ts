import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

test('show has a run in each of its states, for its person', async () => {
  const { say, store, work, clock } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  expect(await say('alice', 'show r1')).toMatchObject([{ kind: 'queued', run: { id: 'r1' } }])
  const startedAt = clock.now().toISOString()
  await store.changeRun('r1', (run) => ({ ...run, state: 'running', startedAt }))
  clock.pass(7_000)
  expect(await say('alice', 'show r1')).toMatchObject([{ kind: 'running', elapsed: 7 }])
  await store.changeRun('r1', (run) => ({ ...run, state: 'queued' }))
  await work()
  expect(await say('alice', 'show r1')).toMatchObject([
    { kind: 'ended', end: { reason: 'completed' }, output: { tail: '10.0.0.1' } },
  ])
})

test('show has a request for its person, and for those who can decide it', async () => {
  const { say } = openContexts()
  await say('alice', 'shell node001 drill x', { id: 'r1' })
  expect(await say('alice', 'show r1')).toMatchObject([{ kind: 'asking', mayDecide: false }])
  expect(await say('bob', 'show r1')).toMatchObject([{ kind: 'asking', mayDecide: true }])
  expect(await say('dave', 'show r1')).toMatchObject([{ kind: 'refused' }])
})

test('show has a fan-out for its person', async () => {
  const { say, work } = openContexts()
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  await work()
  expect(await say('alice', 'show f1')).toMatchObject([{ kind: 'fan-out', total: 2, ended: 1 }])
  expect(await say('bob', 'show f1')).toMatchObject([{ kind: 'refused' }])
})

test('show refuses other people’s runs and those that don’t exist in the same words', async () => {
  const { say } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  for (const id of ['r1', 'r2'])
    expect(await say('bob', `show ${id}`)).toMatchObject([{ message: `You have no run ${id}. \`runs\` lists yours.` }])
})

test('show says where a result was changed in the store, and uses no changed run', async () => {
  const { say, work, store, details } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await work()
  store.changeOutput('r1', 'forged\n')
  expect(await say('alice', 'show r1')).toMatchObject([{ kind: 'ended', changed: true }])
  expect(details('alarm')).toEqual({ why: 'the stored output was changed' })
  store.breakRun('r1')
  expect(await say('alice', 'show r1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
})

test('rerun is a new command of the same text, authorized again', async () => {
  const { say, work, saved, settings } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await work()
  expect(await say('alice', 'rerun r1', { id: 'r2' })).toMatchObject([{ kind: 'queued', run: { id: 'r2' } }])
  expect(await saved('r2')).toMatchObject({ request: { typed: { text: 'shell node001 dig x' } }, state: 'queued' })
  settings.rules = { ...settings.rules, policy: { sets: [], grants: [] } }
  expect(await say('alice', 'rerun r1', { id: 'r3' })).toMatchObject([{ kind: 'refused' }])
})

test('rerun of a fan-out selects its targets again', async () => {
  const { say, queue } = openContexts()
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  expect(await say('alice', 'rerun f1', { id: 'f2' })).toMatchObject([{ kind: 'fan-out', id: 'f2', total: 2 }])
  expect((await queue.counts()).waiting).toBe(4)
})

test('nobody repeats another person’s command, or a changed one', async () => {
  const { say, store, queue } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  for (const id of ['r1', 'f1', 'r9']) expect(await say('bob', `rerun ${id}`)).toMatchObject([{ kind: 'refused' }])
  store.breakRun('r1')
  store.breakValue('fan-out', 'f1')
  for (const id of ['r1', 'f1'])
    expect(await say('alice', `rerun ${id}`)).toMatchObject([
      { message: expect.stringContaining('was changed in Redis') },
    ])
  expect((await queue.counts()).waiting).toBe(3)
})
