import { expect, test } from '@jest/globals'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { plain-shell: { terminal: shell }, probe: { tools: [dig] } }
grants: [{ to: [alice@example.com, bob@example.com], sets: [plain-shell, probe], on: [{ nodes: '*' }] }]`

/** Opens contexts in which Alice has the open shell s1. */
async function openShell() {
  const all = openContexts({ policy })
  all.bot.terminal = { url: new URL('https://bot.example') }
  await all.say('alice', 'shell node001', { id: 's1' })
  const links = () => all.chat.ofKind('session-link').map(({ link }) => link)
  return { ...all, links }
}

test('people see their own open shells', async () => {
  const { say } = await openShell()
  expect(await say('alice', 'sessions')).toMatchObject([
    { rows: [['s1', 'node/node001', 'plain-shell', expect.stringMatching(/^\d+ minutes?$/)]] },
  ])
  expect(await say('bob', 'sessions')).toMatchObject([{ rows: [], note: 'You have no open shell.' }])
})

test('a new link to one’s own open shell replaces the earlier one; others get none', async () => {
  const { say, links, saved } = await openShell()
  const before = (await saved('s1')).terminal?.link
  expect(await say('alice', 'open s1')).toEqual([])
  expect(new Set(links()).size).toBe(2)
  expect((await saved('s1')).terminal?.link).not.toEqual(before)
  for (const id of ['s1', 's9'])
    expect(await say('bob', `open ${id}`)).toMatchObject([{ message: `You have no run ${id}. \`runs\` lists yours.` }])
  expect(links()).toHaveLength(2)
})

test('a run without a shell, one that has ended, or one that was changed can’t be opened', async () => {
  const { say, store, links } = await openShell()
  await say('alice', 'shell node001 dig x', { id: 'r1' })
  const message = 'There is no open shell r1. `sessions` lists yours.'
  expect(await say('alice', 'open r1')).toMatchObject([{ kind: 'refused', message }])
  await say('alice', 'end s1')
  expect(await say('alice', 'open s1')).toMatchObject([{ kind: 'refused' }])
  store.breakRun('s1')
  expect(await say('alice', 'open s1')).toMatchObject([{ message: expect.stringContaining('was changed in Redis') }])
  expect(links()).toHaveLength(1)
})

test('a shell is ended by its person: recorded, shown, and told to the process that has its connection', async () => {
  const { say, saved, terminalBus, details, chat } = await openShell()
  expect(await say('alice', 'end s1')).toEqual([])
  expect((await saved('s1')).end).toMatchObject({ reason: 'canceled', message: expect.stringContaining('ended it') })
  expect(details('ended')).toMatchObject({ reason: 'canceled' })
  expect(terminalBus.changes).toEqual(['s1'])
  expect(JSON.stringify(chat.shown[0]?.message)).toContain('ended')
  expect(await say('alice', 'end s1')).toMatchObject([{ kind: 'refused' }])
  expect(await say('alice', 'sessions')).toMatchObject([{ rows: [] }])
})

test('nobody ends another person’s shell', async () => {
  const { say, saved, terminalBus } = await openShell()
  expect(await say('bob', 'end s1')).toMatchObject([{ message: 'You have no run s1. `runs` lists yours.' }])
  expect([(await saved('s1')).state, terminalBus.changes]).toEqual(['running', []])
})

test('T39 the record of an ended shell repeats no secret of its command', async () => {
  const { say, saved } = await openShell()
  const secret = `ghp_${'a1B2c3D4'.repeat(5)}`.slice(0, 40)
  await say('alice', `shell --reason "with ${secret}" node001`, { id: 's2' })
  await say('alice', 'end s2')
  const ended = await saved('s2')
  expect(ended).toMatchObject({ state: 'ended' })
  expect(ended.request.typed.text).not.toContain(secret)
})
