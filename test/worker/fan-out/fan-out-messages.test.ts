import { expect, test } from '@jest/globals'
import type { FanOut } from '#core/fan-out/fan-out'
import type { FanOutMessage } from '#core/messages/message'
import { ChatError } from '#core/ports/chat'
import { showFanOut } from '#src/worker/fan-out/fan-out-messages'
import { accountOf, openContexts, sampleChannel } from '#test/samples/contexts'

const gone = new ChatError('deleted', { permanent: true })

function view(ended: number): FanOutMessage {
  const results = [{ reason: 'completed' as const, same: true, targets: ['node/node001'] }]
  return {
    ...{ kind: 'fan-out', id: 'f1', by: 'Alice', where: 'nodes', command: 'dig x', total: 2, ended, running: 0 },
    ...{ results: ended === 0 ? [] : results, skipped: [], actions: [] },
  }
}

/** Opens contexts with the message of a fan-out; `threaded`: its targets are shown in the thread. */
async function open(threaded = false) {
  const all = openContexts()
  const message = await all.chat.post(sampleChannel, view(0))
  const fanOut: FanOut = {
    ...{ id: 'f1', by: { id: 'alice@example.com', name: 'Alice' }, account: accountOf('alice'), where: 'nodes' },
    ...{ command: 'dig x', typed: { text: '', entities: false }, members: [], skipped: [], message, at: 0 },
    ...(threaded ? { threaded: true } : {}),
  }
  const show = (ended: number) => showFanOut(all.worker, all.chat, fanOut, view(ended))
  const places = () =>
    all.chat.shown.map(({ ref, message: shown }) => [ref.channel, ref.thread, 'part' in shown ? shown.part : undefined])
  return { ...all, show, places }
}

test('one message shows everything', async () => {
  const { show, chat, places } = await open()
  await show(1)
  expect(places()).toEqual([['C', undefined, undefined]])
  expect(chat.ofKind('fan-out')).toMatchObject([{ ended: 1 }])
})

test('a threaded one shows its counts in the channel, and its targets in one message of the thread', async () => {
  const { show, places, store } = await open(true)
  await show(0)
  expect(places()).toEqual([['C', undefined, 'root']])
  await show(1)
  await show(2)
  expect(places()).toEqual([
    ['C', undefined, 'root'],
    ['C', 'm1', 'thread'],
  ])
  expect(await store.getValue('fan-out-thread', 'f1')).toMatchObject({ message: 'm2' })
})

test('a thread that takes nothing is replaced by the message itself', async () => {
  const { show, places, chat } = await open(true)
  chat.refuses = (request) => (request === 'post' ? gone : undefined)
  await show(2)
  expect(places()).toEqual([['C', undefined, undefined]])
})

test('the result of one whose message was deleted is posted again, in the channel or to its person', async () => {
  const first = await open()
  first.chat.refuses = (request) => (request === 'edit' ? gone : undefined)
  await first.show(1)
  expect(first.places()).toHaveLength(1)
  await first.show(2)
  expect(first.places().at(-1)).toEqual(['C', undefined, undefined])
  const second = await open()
  second.chat.refuses = (request) => (request === 'postDirect' ? undefined : gone)
  await second.show(2)
  expect(second.places().at(-1)).toEqual(['direct:alice', undefined, undefined])
  const third = await open()
  third.chat.refuses = () => gone
  await third.show(2)
  expect(third.lines('error')).toEqual(['a fan-out cannot be shown anywhere'])
})

test('what the platform may take later is left to a later update', async () => {
  const { show, chat } = await open()
  chat.refuses = () => new ChatError('too many requests', { retryAfterMs: 1_000 })
  await expect(show(2)).rejects.toThrow('too many requests')
})
