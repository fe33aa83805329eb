import { expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import { resultMessage } from '#core/messages/result-message'
import { ChatError } from '#core/ports/chat'
import { liveMessageOf } from '#src/worker/runs/saved-live-message'
import { holdNextPost } from '#test/fakes/chat'
import { waitUntil } from '#test/flow/wait-for'
import { openContexts } from '#test/samples/contexts'
import { endedWith } from '#test/samples/messages'

const running: Extract<Message, { kind: 'running' }> = { ...endedWith('first'), kind: 'running', elapsed: 1 }

/** Opens contexts in which Alice's run r1 shows its output in a thread; `open` creates its live message as one worker does. */
async function openThreaded() {
  const all = openContexts()
  await all.say('alice', 'shell node001 dig x', { id: 'r1', threaded: true })
  all.worker.timing.endingRetryMs = 1
  const run = await all.saved('r1')
  const inThread = () => all.chat.shown.filter(({ ref }) => ref.thread !== undefined)
  return { ...all, run, inThread, open: () => liveMessageOf(all.worker, all.chat, run) }
}

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

test('T21 an output message that one worker is posting while another one shows the ending gets it; there is no second one', async () => {
  const { chat, open, inThread, lines, saved } = await openThreaded()
  const { isSent, arrive } = holdNextPost(chat)
  const [first, second] = [open(), open()]
  first.update(() => running, true)
  await isSent
  const ended = second.finish(endedWith('last'))
  await waitUntil('the other worker waits, or has posted', () => lines('warn').length + inThread().length > 0)
  arrive()
  expect(await ended).toBe(true)
  await first.discard()
  expect(inThread()).toMatchObject([{ message: { kind: 'ended', output: { tail: 'last' } } }])
  expect((await saved('r1')).outputMessage).toEqual(inThread()[0]?.ref)
})

test('a worker that read the run before another one posted the output message edits that message', async () => {
  const { open, inThread } = await openThreaded()
  const [first, second] = [open(), open()]
  await second.finish(endedWith('of the second'))
  await first.finish(endedWith('of the first'))
  expect(inThread()).toMatchObject([{ message: { output: { tail: 'of the first' } } }])
})

test.each([
  ['the worker that posted it', true],
  ['a worker that has not seen it', false],
])('an output message that was deleted is posted and stored again by %s', async (_which, isSame) => {
  const { chat, open, inThread, saved } = await openThreaded()
  const first = open()
  await first.finish(endedWith('x'))
  chat.shown = chat.shown.filter(({ ref }) => ref.thread === undefined)
  expect(await (isSame ? first : open()).finish(endedWith('y'))).toBe(true)
  expect(inThread()).toMatchObject([{ message: { output: { tail: 'y' } } }])
  expect((await saved('r1')).outputMessage).toEqual(inThread()[0]?.ref)
})

test('a worker that died while it posted the output message stops another one no longer than its run’s lock', async () => {
  const { store, clock, worker, open, inThread, lines } = await openThreaded()
  await store.acquireLock('output-message:r1', worker.timing.runLockMs / 1_000)
  const ended = open().finish(endedWith('x'))
  await waitUntil('the lock is found held', () => lines('warn').length > 0)
  expect(inThread()).toEqual([])
  clock.pass(worker.timing.runLockMs)
  expect(await ended).toBe(true)
  expect(inThread()).toHaveLength(1)
})

test('a thread that refuses the output message for good leaves the result to the channel, and keeps no lock', async () => {
  const { chat, store, open } = await openThreaded()
  chat.refuses = (request) =>
    request === 'post' ? new ChatError('the thread is locked', { permanent: true }) : undefined
  expect(await open().finish(endedWith('x'))).toBe(true)
  expect(chat.ofKind('ended')).toMatchObject([{ output: { tail: 'x' } }])
  expect(await store.acquireLock('output-message:r1', 1)).toBeDefined()
})
