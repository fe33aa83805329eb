import { expect, test } from '@jest/globals'
import type { Message, ProgressMessage } from '#core/messages/message'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { createRunMessages, type RetryRequest, type StoredRefs } from '#src/worker/runs/run-messages'
import { endedWith } from '#test/samples/messages'

const place = { platform: 'slack' as const, team: 'T', channel: 'C' }
const root: MessageRef = { ...place, message: 'root' }
const request = { account: { platform: 'slack' as const, team: 'T', user: 'U' }, thread: place }

/** A chat that records its requests; `refuses` says which of them it refuses for good. */
function chat(refuses: (what: string) => boolean = () => false) {
  const log: string[] = []
  let serial = 0
  const part = (message: Message) => ('part' in message ? (message.part ?? 'whole') : 'whole')
  const answer = async (what: string) => {
    log.push(what)
    if (refuses(what)) throw new ChatError('refused', { permanent: true })
  }
  const adapter = {
    async post(thread: ThreadRef, message: Message) {
      await answer(`post ${part(message)} in ${thread.thread ?? thread.channel}`)
      serial += 1
      return { ...thread, message: `m${serial}` }
    },
    async postDirect(thread: ThreadRef, _account: unknown, message: Message) {
      await answer(`direct ${part(message)}`)
      return { ...thread, message: 'direct' }
    },
    edit: (ref: MessageRef, message: Message) => answer(`edit ${part(message)} of ${ref.message}`),
  }
  const refs: StoredRefs = {
    saveMessage: async (ref) => void log.push(`save message ${ref.message}`),
    async postOutputMessage(post, gone) {
      const ref = await post()
      log.push(`save outputMessage ${ref.message}${gone === undefined ? '' : ` instead of ${gone.message}`}`)
      return ref
    },
  }
  return { adapter: adapter as unknown as ChatAdapter, log, refs }
}

const retry: RetryRequest = async (make) => {
  try {
    return { value: await make() }
  } catch {
    return undefined
  }
}

const running = (tail: string): ProgressMessage => {
  const { run, output } = endedWith(tail)
  return { kind: 'running', run, output, elapsed: 1 }
}

test('the first output is shown in the thread before the state in the channel, and its id is stored at once', async () => {
  const { adapter, log, refs } = chat()
  const messages = createRunMessages(adapter, { message: root, threaded: true, request }, refs)
  expect(await messages.progress(running('one'))).toBe(true)
  expect(await messages.progress(running('one'))).toBe(false)
  expect(await messages.progress(running('one\ntwo'))).toBe(false)
  expect(await messages.ending(endedWith('one\ntwo'), retry)).toBe(true)
  expect(log).toEqual([
    'post thread in root',
    'save outputMessage m1',
    'edit root of root',
    'edit thread of m1',
    'edit thread of m1',
    'edit root of root',
  ])
})

test('a worker that adopts a run edits the messages that are stored, and posts none', async () => {
  const { adapter, log, refs } = chat()
  const outputMessage = { ...place, thread: 'root', message: 'output' }
  const messages = createRunMessages(adapter, { message: root, threaded: true, outputMessage, request }, refs)
  await messages.progress(running('one'))
  await messages.ending(endedWith('one'), retry)
  expect(log.filter((line) => !line.startsWith('edit'))).toEqual([])
})

test('a run that never started has no message in the thread', async () => {
  const { adapter, log, refs } = chat()
  const { startedAt: _never, ...run } = endedWith('').run
  const message = { ...endedWith(''), run, output: { ...endedWith('').output, lines: 0 } }
  await createRunMessages(adapter, { message: root, threaded: true, request }, refs).ending(message, retry)
  expect(log).toEqual(['edit root of root'])
})

test('an output whose message was deleted is posted again, and stored', async () => {
  const { adapter, log, refs } = chat((what) => what === 'edit thread of output')
  const outputMessage = { ...place, thread: 'root', message: 'output' }
  const messages = createRunMessages(adapter, { message: root, threaded: true, outputMessage, request }, refs)
  expect(await messages.ending(endedWith('x'), retry)).toBe(true)
  expect(log).toEqual([
    'edit thread of output',
    'post thread in root',
    'save outputMessage m1 instead of output',
    'edit root of root',
  ])
})

test('an output message that another worker has posted meanwhile is edited', async () => {
  const { adapter, log, refs } = chat()
  const output = { ...place, thread: 'root', message: 'output' }
  const shared = { ...refs, postOutputMessage: async () => output }
  const messages = createRunMessages(adapter, { message: root, threaded: true, request }, shared)
  await messages.progress(running('one'))
  await messages.ending(endedWith('one'), retry)
  expect(log).toEqual(['edit thread of output', 'edit thread of output', 'edit root of root'])
})

test('where the thread takes nothing, the message in the channel shows everything', async () => {
  const { adapter, log, refs } = chat((what) => what.startsWith('post thread'))
  const messages = createRunMessages(adapter, { message: root, threaded: true, request }, refs)
  expect(await messages.ending(endedWith('x'), retry)).toBe(true)
  expect(log).toEqual(['post thread in root', 'edit whole of root'])
})

test('a result whose message was deleted is posted in the channel; where that takes nothing, the person gets it', async () => {
  const first = chat((what) => what.startsWith('edit root'))
  const messages = createRunMessages(first.adapter, { message: root, threaded: true, request }, first.refs)
  expect(await messages.ending(endedWith('x'), retry)).toBe(true)
  expect(first.log.slice(-2)).toEqual(['post whole in C', 'save message m2'])
  const second = chat((what) => !what.startsWith('direct'))
  await createRunMessages(second.adapter, { message: root, threaded: true, request }, second.refs).ending(
    endedWith('x'),
    retry,
  )
  expect(second.log.at(-2)).toBe('direct whole')
  const third = chat(() => true)
  const last = createRunMessages(third.adapter, { message: root, request }, third.refs)
  expect(await last.ending(endedWith('x'), retry)).toBe(false)
})
