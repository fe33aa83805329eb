import { expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import { openApproved, sendLink } from '#src/bot/terminal/open-session'
import { holdNextEdit } from '#test/fakes/chat'
import { accountOf, openContexts, sampleChannel } from '#test/samples/contexts'

const policy = `
groups: { leads: [bob@example.com] }
capabilitySets:
  plain-shell: { terminal: shell, maxSession: 30m, idle: 5m }
  host-shell: { terminal: shell, capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'] } }
grants:
  - { to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }
  - { to: [carol@example.com], sets: [host-shell], on: [{ nodes: '*' }] }`

/** Opens contexts of a bot that opens shells. */
function open() {
  const all = openContexts({ policy })
  all.bot.terminal = { url: new URL('https://bot.example/below/') }
  return all
}

const to = { account: accountOf('alice'), thread: sampleChannel }
const refused = (permanent: boolean) => new ChatError('no', { permanent })

test('an open session has the limits of its set, and its message is saved with it', async () => {
  const { say, saved, chat } = open()
  await say('alice', 'shell node001', { id: 's1' })
  const run = await saved('s1')
  expect(run.terminal).toMatchObject({ link: { hash: expect.any(String) } })
  expect(run).toMatchObject({ state: 'running', message: { message: chat.shown[0]?.ref.message } })
  expect(chat.ofKind('session')).toHaveLength(1)
  expect(JSON.stringify(chat.ofKind('session'))).not.toContain('/t/s1')
})

test('a link leads to the session’s page at the configured host, with a secret behind the hash sign', async () => {
  const { say, chat } = open()
  await say('alice', 'shell node001', { id: 's1' })
  expect(chat.ofKind('session-link')).toMatchObject([
    { link: expect.stringMatching(/^https:\/\/bot\.example\/t\/s1#[\w-]{43}$/), who: 'Alice', set: 'plain-shell' },
  ])
})

test('a further link replaces the one before', async () => {
  const { say, saved, bot, chat } = open()
  await say('alice', 'shell node001', { id: 's1' })
  const first = (await saved('s1')).terminal?.link?.hash
  await sendLink(bot, await saved('s1'), to)
  expect((await saved('s1')).terminal?.link?.hash).not.toBe(first)
  const [one, other] = chat.ofKind('session-link')
  expect(one?.link).not.toBe(other?.link)
})

test('where a channel takes no message for one person, the link goes to them directly', async () => {
  const { say, chat } = open()
  chat.refuses = (request) => (request === 'postEphemeral' ? refused(true) : undefined)
  await say('alice', 'shell node001', { id: 's1' })
  const [link] = chat.shown.filter(({ message }) => message.kind === 'session-link')
  expect(link).toMatchObject({ to: 'alice', ref: { channel: 'direct:alice' } })
})

test('a passing trouble of the chat is not an answer: the command is carried out again', async () => {
  const { say, chat } = open()
  chat.refuses = (request) => (request === 'postEphemeral' ? refused(false) : undefined)
  await expect(say('alice', 'shell node001', { id: 's1' })).rejects.toThrow('no')
  expect(chat.ofKind('session-link')).toEqual([])
})

test('a session that has ended, or that nobody can open, gets no link', async () => {
  const { say, saved, bot, chat, store } = open()
  await say('alice', 'shell node001', { id: 's1' })
  const run = await saved('s1')
  await store.changeRun('s1', (now) => ({ ...now, state: 'ended' }))
  await sendLink(bot, run, to)
  await sendLink({ ...bot, adapters: new Map() }, run, to)
  const { terminal: _none, ...withoutPage } = bot
  await sendLink(withoutPage, run, to)
  expect(chat.ofKind('session-link')).toHaveLength(1)
})

test('an approval that is handled twice opens one session: only the newer link holds', async () => {
  const { say, saved, bot, chat, store } = open()
  await say('carol', 'shell node001', { id: 's1' })
  await say('bob', 'approve s1')
  const run = await saved('s1')
  expect(run).toMatchObject({ state: 'running', set: 'host-shell' })
  await openApproved(bot, run)
  const again = await saved('s1')
  expect(again.startedAt).toBe(run.startedAt)
  expect(again.terminal?.link?.hash).not.toBe(run.terminal?.link?.hash)
  expect(chat.ofKind('session')).toHaveLength(1)
  expect([...(await store.fields('open-sessions', 'all')).keys()]).toEqual(['s1'])
})

test('T31 a session that ends while its opening is shown isn’t shown as open', async () => {
  const { say, saved, chat } = open()
  await say('carol', 'shell node001', { id: 's1' })
  const { isSent, arrive } = holdNextEdit(chat, 'session')
  const approved = say('bob', 'approve s1')
  await isSent
  await say('carol', 'end s1')
  const ended = structuredClone(chat.ofKind('session'))
  arrive()
  await approved
  expect((await saved('s1')).state).toBe('ended')
  expect(chat.ofKind('session')).toEqual(ended)
  expect(chat.ofKind('session-link')).toEqual([])
})

test('a link that can’t be recorded isn’t sent', async () => {
  const { say, saved, bot, chat, audit } = open()
  await say('alice', 'shell node001', { id: 's1' })
  audit.fails = new Error('away')
  await expect(sendLink(bot, await saved('s1'), to)).rejects.toThrow('away')
  expect(chat.ofKind('session-link')).toHaveLength(1)
})
