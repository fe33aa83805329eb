import { expect, test } from '@jest/globals'
import { replyPlace } from '#src/bot/inbox/reply'
import { sampleChannel as channel } from '#test/samples/contexts'
import { openWithInbox } from './open-with-inbox.ts'

const thread = { ...channel, thread: 'm0' }
const inThread = { outputPlaces: {} }

test('a command is answered where it was given: in its thread, or in the channel with the output in a thread', () => {
  const place = (given: object, kind: 'channel' | 'group' | 'direct', places = {}, limits = {}) =>
    replyPlace({ thread: channel, ...given }, kind, { outputPlaces: places }, limits)
  expect(place({}, 'channel')).toEqual({ threaded: true, thread: channel, privateThread: channel })
  expect(place({ thread }, 'channel')).toEqual({ threaded: false, thread, privateThread: thread })
  expect(place({ thread, opensThread: true }, 'channel')).toEqual({
    threaded: true,
    thread: channel,
    privateThread: thread,
  })
  expect(place({}, 'channel', { slack: 'channel' }).threaded).toBe(false)
  expect(place({}, 'channel', { slack: 'channel', 'slack:channel/C': 'thread' }).threaded).toBe(true)
  expect(place({}, 'group', inThread.outputPlaces).threaded).toBe(false)
  expect(place({ thread, opensThread: true }, 'direct')).toEqual({
    ...{ threaded: false, thread: channel, privateThread: channel },
  })
  expect(place({ thread, opensThread: true }, 'channel', {}, { ephemeralNeedsReplies: true }).privateThread).toEqual(
    channel,
  )
})

test('what concerns one person only is shown to them alone, what others follow to all', async () => {
  const { send, chat } = openWithInbox()
  await send('alice', 'rnus')
  await send('alice', 'shell node001 dig x')
  await send('dave', 'shell node001 dig x')
  expect(chat.shown.map(({ message, to }) => [message.kind, to])).toEqual([
    ['misunderstood', 'alice'],
    ['queued', undefined],
    ['refused', 'dave'],
  ])
})

test('a command has one message: a later reply replaces an earlier one that others can read', async () => {
  const { send, chat, bot, queue } = openWithInbox()
  queue.limit = 0
  await send('alice', 'shell node001 dig x')
  expect(chat.shown).toMatchObject([{ message: { kind: 'ended', end: { reason: 'refused' } }, edits: 1 }])
  expect(bot.adapters.size).toBe(1)
})
