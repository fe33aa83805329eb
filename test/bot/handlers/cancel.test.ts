import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

const notFound = (id: string) => ({ kind: 'refused', message: `You have no run ${id}. \`runs\` lists yours.` })

test('a waiting run leaves the queue and ends; its own message shows that, and it is on record first', async () => {
  const { say, saved, queue, chat, recorded, details } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  expect(await say('alice', 'cancel r1')).toEqual([])
  expect(await queue.has('r1')).toBe(false)
  expect((await saved('r1')).end).toMatchObject({ reason: 'canceled', message: 'canceled by Alice before it started' })
  expect(chat.shown.map(({ message }) => message)).toMatchObject([{ kind: 'ended', end: { reason: 'canceled' } }])
  expect(recorded().slice(-2)).toEqual(['canceled r1 alice@example.com', 'ended r1 alice@example.com'])
  expect(details('ended')).toMatchObject({ reason: 'canceled' })
})

test('a run that a worker has is ended by that worker', async () => {
  const { say, saved, queue, cancelBus } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await queue.take()
  expect(await say('alice', 'cancel r1')).toEqual([])
  expect(cancelBus.canceled.get('r1')).toBe('Alice')
  expect((await saved('r1')).end).toBeUndefined()
})

test('a request is withdrawn, and no worker is told', async () => {
  const { say, saved, cancelBus } = openContexts()
  await say('alice', 'shell node001 drill x', { id: 'r1' })
  expect(await say('alice', 'cancel r1')).toEqual([])
  expect((await saved('r1')).end).toMatchObject({ reason: 'canceled', message: 'withdrawn by Alice' })
  expect(cancelBus.canceled.size).toBe(0)
})

test('another person’s run looks like one that doesn’t exist, and stays as it is', async () => {
  const { say, queue, audit } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  const before = audit.records.length
  expect(await say('bob', 'cancel r1')).toMatchObject([notFound('r1')])
  expect(await say('bob', 'cancel r2')).toMatchObject([notFound('r2')])
  expect(await queue.has('r1')).toBe(true)
  expect(audit.records).toHaveLength(before)
})

test('a run that has ended can’t be canceled', async () => {
  const { say, work, saved } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await work()
  const message = 'Run r1 has already ended; there is nothing to cancel.'
  expect(await say('alice', 'cancel r1')).toMatchObject([{ kind: 'refused', message }])
  expect((await saved('r1')).end?.reason).toBe('completed')
})

test('a run that was changed in the store isn’t used', async () => {
  const { say, store, recorded } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  store.breakRun('r1')
  expect(await say('alice', 'cancel r1')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('was changed in Redis') },
  ])
  expect(recorded()).not.toContain('canceled r1 alice@example.com')
})

test('nothing is canceled that can’t be recorded', async () => {
  const { say, audit, queue } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  audit.fails = new Error('away')
  await expect(say('alice', 'cancel r1')).rejects.toThrow('away')
  expect(await queue.has('r1')).toBe(true)
})

test('a bot that takes the command over shows the ending again, and refuses nothing', async () => {
  const { say, chat } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await say('alice', 'cancel r1', { id: 'c1' })
  expect(await say('alice', 'cancel r1', { id: 'c1', isRetry: true })).toEqual([])
  expect(chat.shown).toHaveLength(1)
})

test('a fan-out is canceled as a whole, by its own person, while something of it is left', async () => {
  const { say, queue, work } = openContexts()
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  expect((await queue.counts()).waiting).toBe(2)
  await work()
  expect(await say('bob', 'cancel f1')).toMatchObject([notFound('f1')])
  expect(await say('alice', 'cancel f1')).toEqual([])
  expect((await queue.counts()).waiting).toBe(0)
  const message = 'All runs of f1 have already ended; there is nothing to cancel.'
  expect(await say('alice', 'cancel f1')).toMatchObject([{ kind: 'refused', message }])
})

test('a fan-out that was changed in the store isn’t used', async () => {
  const { say, store, queue } = openContexts()
  await say('alice', 'shell -l pool dig x', { id: 'f1' })
  store.breakValue('fan-out', 'f1')
  expect(await say('alice', 'cancel f1')).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('was changed in Redis') },
  ])
  expect((await queue.counts()).waiting).toBe(2)
})
