import { expect, test } from '@jest/globals'
import { openWithInbox } from './open-with-inbox.ts'

test('a command that is delivered twice is handled once', async () => {
  const { send, chat, counted } = openWithInbox()
  for (let times = 0; times < 2; times += 1) await send('alice', 'version', { key: 'same' })
  expect(chat.ofKind('listing')).toHaveLength(1)
  expect(counted).toEqual(['commands', 'duplicates'])
})

test('the same text of another person, or in another channel, is another command', async () => {
  const { send, chat } = openWithInbox()
  await send('alice', 'version', { key: 'same' })
  await send('bob', 'version', { key: 'same' })
  await send('alice', 'version', { key: 'same', thread: { channel: 'other' } })
  expect(chat.ofKind('listing')).toHaveLength(3)
})

test.each([
  ['away', 'My store (Redis) is not responding. Nothing was run. Try again soon.'],
  ['full', 'My store (Redis) is full. Nothing was run. Tell #platform, then try again.'],
] as const)(
  'a store that is %s accepts nothing, and the adapter gets the message for the person',
  async (why, message) => {
    const { send, commands, chat, queue, lines } = openWithInbox()
    commands.refuses = why
    expect(await send('alice', 'shell node001 dig x')).toEqual({
      ok: false,
      refusal: { kind: 'trouble', message, typed: 'shell node001 dig x' },
    })
    expect([chat.shown, (await queue.counts()).waiting]).toEqual([[], 0])
    expect(lines('warn')).toEqual(['command not accepted'])
  },
)
