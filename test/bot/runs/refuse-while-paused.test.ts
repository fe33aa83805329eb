import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

test('a pause refuses what would run, says by whom and why, and is on record', async () => {
  const { say, store, details, counted, queue } = openContexts()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  expect(await say('alice', 'shell node001 dig x', { id: 'r1' })).toMatchObject([
    { kind: 'refused', message: 'Nothing was run: all runs are paused by Bob: incident.' },
  ])
  expect(details('decided')).toEqual({ decision: 'deny', why: 'paused', command: 'shell node001 dig x' })
  expect(counted).toEqual(['refused'])
  expect(await queue.has('r1')).toBe(false)
})

test('the owner’s file can order a pause; a stored one that was changed counts as one', async () => {
  const ordered = openContexts({ more: "paused: 'maintenance'" })
  expect(await ordered.say('alice', 'shell node001 dig x')).toMatchObject([
    { message: 'Nothing was run: all runs are paused by retina.yaml: maintenance.' },
  ])
  const changed = openContexts()
  changed.store.breakValue('pause', 'current')
  expect(await changed.say('alice', 'shell node001 dig x')).toMatchObject([
    { message: expect.stringContaining('the stored pause was changed') },
  ])
})

test('once it is over, commands run again', async () => {
  const { say, store } = openContexts()
  await store.setValue('pause', 'current', { by: 'Bob', reason: 'incident' })
  await store.deleteValue('pause', 'current')
  expect(await say('alice', 'shell node001 dig x')).toMatchObject([{ kind: 'queued' }])
})
