import { expect, test } from '@jest/globals'
import { openWithInbox } from './open-with-inbox.ts'

const command = 'shell node001 dig x'

/** Opens a bot that dies before it has acknowledged a command: at once, once its run is saved, or once it is queued. */
async function openDead(when: 'at once' | 'saved' | 'queued') {
  const all = openWithInbox()
  const { bot, queue, directory } = all
  const die = async () => {
    throw new Error('dead')
  }
  const { add } = queue
  const { person } = directory
  if (when === 'at once') directory.person = die
  if (when === 'saved') queue.add = die
  const { accept } = bot.inbox
  bot.inbox.accept = async (given, press) => {
    const lease = await accept(given, press)
    if (typeof lease === 'object') lease.ack = async () => undefined
    return lease
  }
  await all.send('alice', command)
  Object.assign(queue, { add })
  Object.assign(directory, { person })
  return all
}

test('a run that was saved is queued by the next bot, once, under its one message', async () => {
  const { takeOver, queue, chat, isEmpty } = await openDead('saved')
  expect((await queue.counts()).waiting).toBe(0)
  await takeOver()
  expect([(await queue.counts()).waiting, chat.shown.length, isEmpty()]).toEqual([1, 1, true])
})

test('a run that was queued is only acknowledged', async () => {
  const { takeOver, queue, chat, isEmpty, recorded } = await openDead('queued')
  const before = recorded()
  await takeOver()
  expect([(await queue.counts()).waiting, chat.shown.length, isEmpty()]).toEqual([1, 1, true])
  expect(recorded()).toEqual(before)
})

test('a final reply was given: the command is only acknowledged', async () => {
  const { takeOver, chat, isEmpty } = await openDead('at once')
  expect(chat.ofKind('trouble')).toHaveLength(1)
  await takeOver()
  expect([chat.shown.length, isEmpty()]).toEqual([1, true])
})

test('a command that may not have been accepted is not carried out, and its person is told', async () => {
  const { send, takeOver, chat, queue, isEmpty, commands, clock } = openWithInbox()
  const at = clock.now().toISOString()
  const account = { platform: 'slack' as const, team: 'T', user: 'alice' }
  const inbound = {
    account,
    text: command,
    key: 'k',
    at,
    thread: { platform: 'slack' as const, team: 'T', channel: 'C' },
  }
  commands.commands.set('c1', { inbound, holder: 0, steps: new Map() })
  await takeOver('unsure')
  expect(chat.ofKind('refused')).toMatchObject([
    { message: expect.stringContaining('interrupted just as this came in') },
  ])
  expect([(await queue.counts()).waiting, isEmpty()]).toEqual([0, true])
  // What was accepted for certain is carried out, unless it is too old.
  commands.commands.set('c2', { inbound, holder: 0, steps: new Map() })
  await takeOver()
  expect((await queue.counts()).waiting).toBe(1)
  clock.pass(5 * 60_000 + 1)
  commands.commands.set('c3', { inbound, holder: 0, steps: new Map() })
  await takeOver()
  expect(chat.ofKind('refused').at(-1)?.message).toContain('down for more than five minutes')
  expect((await queue.counts()).waiting).toBe(1)
  await send('alice', 'version')
})

test('a run that was changed in the store is not completed', async () => {
  const { takeOver, store, queue, chat, isEmpty } = await openDead('saved')
  const [id = ''] = await store.openRuns()
  store.breakRun(id)
  await takeOver()
  expect([(await queue.counts()).waiting, isEmpty()]).toEqual([0, true])
  expect(chat.ofKind('refused')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
})
