import { expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import { openWithInbox } from './open-with-inbox.ts'

const busy = () => new ChatError('too many requests', { retryAfterMs: 1_000 })

test('an accepted command is handled, answered once and acknowledged', async () => {
  const { send, chat, isEmpty, counted, queue } = openWithInbox()
  expect(await send('alice', 'shell node001 dig x')).toEqual({ ok: true })
  expect(chat.shown).toMatchObject([{ message: { kind: 'queued' } }])
  expect(counted).toEqual(['commands', 'queued'])
  expect([isEmpty(), (await queue.counts()).waiting]).toEqual([true, 1])
})

test('T04 an account that isn’t known gets the reason alone, on record, and nothing runs', async () => {
  const { send, chat, isEmpty, audit, queue } = openWithInbox()
  await send('mallory', 'shell node001 dig x')
  expect(chat.shown).toMatchObject([{ to: 'mallory', message: { kind: 'refused' } }])
  expect(audit.records).toMatchObject([
    { what: 'unknown-person', person: 'slack:user/T/mallory', details: { typed: 'shell node001 dig x' } },
  ])
  expect([isEmpty(), (await queue.counts()).waiting]).toEqual([true, 0])
})

test('a person who sends too many commands is told so once; further ones are ignored for a minute', async () => {
  const { send, chat, settings, clock } = openWithInbox()
  settings.rules = { ...settings.rules, perPerson: 2 }
  for (let times = 0; times < 4; times += 1) await send('alice', 'version')
  expect(chat.ofKind('listing')).toHaveLength(2)
  expect(chat.ofKind('refused')).toMatchObject([
    { message: expect.stringContaining('more than 2 commands in a minute') },
  ])
  expect(chat.ofKind('refused')[0]).not.toHaveProperty('toAll')
  clock.pass(61_000)
  await send('alice', 'version')
  expect(chat.ofKind('listing')).toHaveLength(3)
})

test('the limit of a channel is told to everybody in it, and concerns that channel only', async () => {
  const { send, chat, settings } = openWithInbox()
  settings.rules = { ...settings.rules, perChannel: 2 }
  for (const user of ['alice', 'bob', 'carol', 'dave']) await send(user, 'version')
  expect(chat.ofKind('refused')).toMatchObject([
    { toAll: true, message: expect.stringContaining('came from this channel') },
  ])
  await send('dave', 'version', { thread: { channel: 'other' } })
  expect(chat.ofKind('listing')).toHaveLength(3)
})

test('a command that fails is answered with its reference, logged and acknowledged', async () => {
  const { send, chat, isEmpty, audit, lines } = openWithInbox()
  audit.fails = new Error('no connection')
  await send('alice', 'shell node001 dig x')
  expect(chat.ofKind('trouble')).toMatchObject([{ message: 'Nothing was run. Try again.' }])
  expect(chat.ofKind('trouble')[0]?.reference).toMatch(/^[a-z2-7]{12}$/)
  expect([isEmpty(), lines('error')]).toEqual([true, ['command failed']])
  audit.fails = new Error('OOM command not allowed')
  await send('alice', 'shell node001 dig x')
  expect(chat.ofKind('trouble')[1]?.message).toContain('is full')
})

test('once its run is saved, a command that fails is left to another bot, which completes it', async () => {
  const { send, takeOver, chat, isEmpty, queue } = openWithInbox()
  const { add } = queue
  queue.add = async () => {
    throw new Error('no connection')
  }
  await send('alice', 'shell node001 dig x')
  expect(chat.ofKind('trouble')).toEqual([])
  queue.add = add
  expect(await takeOver()).toHaveLength(1)
  expect([isEmpty(), (await queue.counts()).waiting, chat.shown.length]).toEqual([true, 1, 1])
})

test('a reply that the chat doesn’t take now is left to another bot; one that it never takes reaches its person', async () => {
  const { send, takeOver, chat, isEmpty } = openWithInbox()
  chat.refuses = busy
  await send('alice', 'version')
  expect([isEmpty(), chat.shown]).toEqual([false, []])
  chat.refuses = () => undefined
  await takeOver()
  expect([isEmpty(), chat.ofKind('listing').length]).toEqual([true, 1])
  const gone = new ChatError('archived', { permanent: true })
  chat.refuses = (request) => (request === 'postDirect' ? undefined : gone)
  await send('alice', 'version')
  expect(chat.shown.at(-1)).toMatchObject({ ref: { channel: 'direct:alice' }, message: { kind: 'listing' } })
  await send('alice', 'shell node001 dig x')
  expect(chat.shown.at(-1)).toMatchObject({
    message: { kind: 'refused', message: "I can't post in this channel, so nothing was run." },
  })
  expect(isEmpty()).toBe(true)
})

test('a command that another bot has by now is neither carried out nor answered', async () => {
  const { send, chat, bot, commands, queue } = openWithInbox()
  const { person } = bot.directory
  bot.directory.person = (account) => {
    // This bot was too slow.
    for (const id of commands.commands.keys()) commands.expire(id)
    return person(account)
  }
  await send('alice', 'shell node001 dig x')
  expect([chat.shown, (await queue.counts()).waiting]).toEqual([[], 0])
  expect(commands.commands.size).toBe(1)
})

test('a command of a chat that this bot doesn’t have is left to others', async () => {
  const { send, isEmpty, chat } = openWithInbox()
  await send('alice', 'version', { thread: { platform: 'teams' } })
  expect([isEmpty(), chat.shown]).toEqual([false, []])
})
