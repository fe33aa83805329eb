import { expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import { updateFanOutsJob } from '#src/worker/fan-out/update-fan-outs'
import { holdNextEdit } from '#test/fakes/chat'
import { type ContextOptions, openContexts } from '#test/samples/contexts'

/** Opens contexts in which the fan-out f1 on two nodes is queued. */
async function openQueued(options: ContextOptions = {}) {
  const all = openContexts(options)
  await all.say('alice', 'shell -l pool dig x', { id: 'f1' })
  /** Updates the message, after the interval between two edits. */
  const update = async () => {
    all.clock.pass(1_100)
    await updateFanOutsJob(all.worker)
  }
  /** Looks for ends that no worker has reported, which the next update shows. */
  const lookAndUpdate = async () => {
    await update()
    await update()
  }
  const isOpen = async () => (await all.store.fields('open-fan-outs', 'all')).has('f1')
  return { ...all, update, lookAndUpdate, isOpen }
}

test('the message follows the runs; once all have ended it gets all outputs, and is updated no more', async () => {
  const { work, update, chat, isOpen } = await openQueued()
  await work()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1, total: 2 }])
  expect([chat.files.length, await isOpen()]).toEqual([0, true])
  await work()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 2, file: 'f1.txt', results: [{ same: true }] }])
  expect(chat.files).toMatchObject([{ file: { name: 'f1.txt', text: expect.stringContaining('===== node/node002') } }])
  expect(await isOpen()).toBe(false)
})

test('nothing is edited while nothing has changed; what changes then is shown without a wait', async () => {
  const { work, update, chat } = await openQueued({ timing: { fanOutEditMs: 2_500 } })
  await work()
  await update()
  const before = chat.shown[0]?.edits
  for (let look = 0; look < 3; look += 1) await update()
  expect(chat.shown[0]?.edits).toBe(before)
  await work()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 2 }])
})

test('nothing is edited faster than the platform wants', async () => {
  const { work, update, chat } = await openQueued({ timing: { fanOutEditMs: 2_500 } })
  await work()
  await update()
  await work()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
  await update()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 2 }])
})

test('of several workers one looks in each interval', async () => {
  const { work, update, chat, worker } = await openQueued({ timing: { fanOutEditMs: 1 } })
  await update()
  await work()
  await updateFanOutsJob(worker)
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 0 }])
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
})

test('one worker at a time updates it', async () => {
  const { work, update, chat, store } = await openQueued()
  await work()
  const lock = await store.acquireLock('fan-out:f1', 60)
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 0 }])
  await lock?.release()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
})

test('T21 an edit that takes longer than the lease doesn’t replace the result that another worker has shown', async () => {
  const { work, update, chat, clock, worker, isOpen } = await openQueued()
  const { isSent, arrive } = holdNextEdit(chat)
  await work()
  const late = update()
  await isSent
  clock.pass(worker.timing.fanOutLeaseMs)
  await work()
  await update()
  const result = chat.ofKind('fan-out')
  expect(result).toMatchObject([{ ended: 2, file: 'f1.txt' }])
  arrive()
  await late
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
  await update()
  expect(chat.ofKind('fan-out')).toEqual(result)
  expect([chat.files.length, await isOpen()]).toEqual([1, false])
})

test('a platform that takes no file gets the result without it', async () => {
  const { work, update, chat, isOpen } = await openQueued()
  chat.refuses = (request) => (request === 'attach' ? new ChatError('no files', { permanent: true }) : undefined)
  await work()
  await work()
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 2, fileRefused: true }])
  expect(await isOpen()).toBe(false)
})

test('what the platform doesn’t take now is shown by a later update', async () => {
  const { work, update, chat, isOpen } = await openQueued()
  await work()
  await work()
  chat.refuses = () => new ChatError('too many requests', { retryAfterMs: 1 })
  await update()
  expect(await isOpen()).toBe(true)
  chat.refuses = () => undefined
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 2 }])
  expect(await isOpen()).toBe(false)
})

test('runs whose end no worker reported are counted: ended, changed in the store, or never queued', async () => {
  const { work, lookAndUpdate, chat, store, clock } = await openQueued()
  const run = await work()
  await store.deleteField('outcomes', 'f1', run.id)
  await lookAndUpdate()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
  const fanOut = await store.getValue('fan-out', 'f1')
  const other = typeof fanOut === 'object' ? fanOut.members.find((each) => each.run !== run.id) : undefined
  store.breakRun(other?.run ?? '')
  clock.pass(15_000)
  await lookAndUpdate()
  expect(chat.ofKind('fan-out')).toMatchObject([
    { ended: 2, results: [{ reason: 'lost', said: 'its stored state was changed, so it is not used' }, {}] },
  ])
})

test('a run that a dead bot never queued is reported only once it can’t start any more', async () => {
  const { update, lookAndUpdate, chat, store, clock } = await openQueued()
  const fanOut = await store.getValue('fan-out', 'f1')
  if (typeof fanOut !== 'object') throw new Error('there is no fan-out')
  const missing = { ...fanOut, members: [{ run: 'never', target: 'node/node009' }] }
  await store.setField('open-fan-outs', 'all', 'f1', missing, 1_000)
  await update()
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 0 }])
  clock.pass(5 * 60_000)
  await lookAndUpdate()
  expect(chat.ofKind('fan-out')).toMatchObject([
    { ended: 1, results: [{ reason: 'lost', said: 'it was never queued, so nothing was run' }] },
  ])
})

test('one that was changed in the store is updated no more', async () => {
  const { work, update, chat, store, isOpen } = await openQueued()
  await work()
  store.breakField('open-fan-outs', 'all', 'f1')
  await update()
  expect([chat.shown[0]?.edits, await isOpen()]).toEqual([0, false])
})
