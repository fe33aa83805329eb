import { expect, test } from '@jest/globals'
import { resultMessage } from '#core/messages/result-message'
import { liveMessageOf } from '#src/worker/runs/saved-live-message'
import { openContexts } from '#test/samples/contexts'

test('the message with the output is stored with its run before the root shows the result', async () => {
  const { say, saved, store, worker, chat, bot } = openContexts()
  await say('alice', 'shell node001 dig x', { id: 'r1', threaded: true })
  const end = { reason: 'completed' as const, at: '2026-11-24T03:00:01.000Z', exitCode: 0, complete: true }
  const run = { ...(await saved('r1')), end, startedAt: end.at }
  const stored = { ...(await store.storedOutput('r1')), lines: 1, head: 'x\n', tail: 'x\n', size: 2 }
  const view = resultMessage(run, end, { ...stored, changed: false }, 1_000, bot.catalogue)
  // The store takes the first save only after a while.
  const { changeRun } = store
  let calls = 0
  worker.store.changeRun = (...given) => {
    calls += 1
    return calls === 1 ? Promise.reject(new Error('away')) : changeRun(...given)
  }
  expect(await liveMessageOf(worker, chat, run).finish(view)).toBe(true)
  expect(calls).toBe(2)
  expect((await saved('r1')).outputMessage).toMatchObject({ thread: 'm1', message: 'm2' })
  expect(chat.shown.map(({ ref, message }) => [ref.message, message.kind, 'part' in message && message.part])).toEqual([
    ['m1', 'ended', 'root'],
    ['m2', 'ended', 'thread'],
  ])
})
