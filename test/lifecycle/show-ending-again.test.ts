import { expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import { showEndingAgain } from '#src/lifecycle/show-ending-again'
import { openContexts } from '#test/samples/contexts'

const lateEdit = { kind: 'refused', typed: '', message: 'a late edit' } as const

/** Opens contexts in which Alice's run r1 has ended, and its message was replaced since. */
async function openReplaced() {
  const all = openContexts()
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  const run = await all.work()
  const ending = structuredClone(all.chat.shown[0]?.message)
  await all.chat.edit(run.message, lateEdit)
  return { ...all, run, ending, shown: () => all.chat.shown[0]?.message }
}

test('an ending that was delivered is shown again, with no second file', async () => {
  const { worker, run, ending, shown, chat } = await openReplaced()
  const files = chat.files.length
  await showEndingAgain(worker, run)
  expect(shown()).toEqual(ending)
  expect(chat.files).toHaveLength(files)
})

test('a chat that doesn’t accept it now is asked again', async () => {
  const { worker, run, ending, shown, chat } = await openReplaced()
  let requests = 0
  chat.refuses = () => {
    requests += 1
    return requests < 3 ? new ChatError('too many requests', { retryAfterMs: 1 }) : undefined
  }
  await showEndingAgain(worker, run)
  expect([requests, shown()]).toEqual([3, ending])
})

test('a message that was deleted is left', async () => {
  const { worker, run, chat } = await openReplaced()
  let requests = 0
  chat.refuses = () => {
    requests += 1
    return new ChatError('message_not_found', { permanent: true })
  }
  await showEndingAgain(worker, run)
  expect(requests).toBe(1)
})

test('an ending that its own process has yet to deliver is left to that until then', async () => {
  const { worker, run, store, ending, shown } = await openReplaced()
  await store.changeRun('r1', ({ toldAt: _none, ...now }) => now)
  let reads = 0
  const read: typeof store.run = async (id) => {
    reads += 1
    if (reads === 2) await store.changeRun('r1', (now) => ({ ...now, toldAt: '2026-11-24T03:00:01.000Z' }))
    return store.run(id)
  }
  const showing = showEndingAgain({ ...worker, store: { ...worker.store, run: read } }, run)
  expect(shown()).toEqual(lateEdit)
  await showing
  expect(shown()).toEqual(ending)
})

test('a run that goes on is left alone', async () => {
  const { worker, say, saved, chat } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  await showEndingAgain(worker, await saved('r1'))
  expect(chat.shown[0]?.edits).toBe(0)
})
