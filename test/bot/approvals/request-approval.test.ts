import { expect, test } from '@jest/globals'
import { openContexts, samplePolicy } from '#test/samples/contexts'

const announced = samplePolicy("announce: 'slack:channel/LEADS'")

test('a request is recorded, shown to the approvers where it was typed, and stored with what would run', async () => {
  const { say, saved, bot, queue, counted, recorded, details } = openContexts()
  const [card] = await say('alice', 'shell --reason "disk full" node001 drill x', { id: 'r1' })
  expect(card).toMatchObject({
    ...{ kind: 'asking', state: 'pending', missing: { count: 1, of: ['group:leads'] } },
    facts: { requester: { name: 'Alice' }, reason: 'disk full', pipeline: [['drill', 'x']] },
    mention: expect.arrayContaining([expect.stringContaining('bob')]),
  })
  const run = await saved('r1')
  expect(run).toMatchObject({
    state: 'asking',
    message: { channel: 'C', message: 'm1' },
    approval: { specHash: bot.hash(run.spec), requester: 'alice@example.com', expiresAt: '2026-11-24T03:15:00.000Z' },
  })
  expect(run.spec.image).toMatch(/^shell:v1@sha256:a+$/)
  expect(recorded()).toEqual(['decided r1 alice@example.com', 'asked r1 alice@example.com'])
  expect(details('asked')).toMatchObject({ spec: bot.hash(run.spec), from: 'group:leads' })
  expect(counted).toEqual(['asked'])
  expect(await queue.has('r1')).toBe(false)
})

test('the approvers’ channel gets a card of its own, which alone mentions them', async () => {
  const { say, saved, chat } = openContexts({ policy: announced })
  await say('alice', 'shell node001 drill x', { id: 'r1' })
  expect(chat.shown.map(({ ref, message }) => [ref.channel, message.kind, 'mention' in message])).toEqual([
    ['C', 'asking', false],
    ['LEADS', 'asking', true],
  ])
  expect((await saved('r1')).approval?.cards).toMatchObject([{ channel: 'LEADS', message: 'm2' }])
})

test('a channel that takes no card stops no request: it is decided in its thread', async () => {
  const { say, saved, chat, lines } = openContexts({ policy: announced })
  const { ChatError } = await import('#core/ports/chat')
  chat.refuses = (_request, message) =>
    'mention' in message ? new ChatError('not in that channel', { permanent: true }) : undefined
  await say('alice', 'shell node001 drill x', { id: 'r1' })
  expect(await saved('r1')).toMatchObject({ state: 'asking', approval: { cards: [] } })
  expect(lines('error')).toEqual(['approvers could not be notified'])
})

test('where a reason is required, a request without one isn’t stored', async () => {
  const { say, store } = openContexts({ policy: samplePolicy('reason: required') })
  expect(await say('alice', 'shell node001 drill x', { id: 'r1' })).toMatchObject([
    { kind: 'misunderstood', suggestion: 'shell --reason "…" node001 drill x' },
  ])
  expect(await store.run('r1')).toBeUndefined()
})

test('T48 a command that no card shows whole can’t be requested', async () => {
  const { say, store, recorded } = openContexts()
  expect(await say('alice', `shell node001 drill ${'x'.repeat(1_100)}`, { id: 'r1' })).toMatchObject([
    { kind: 'refused', message: expect.stringContaining('Approvers have to see the whole command') },
  ])
  expect(await store.run('r1')).toBeUndefined()
  expect(recorded()).not.toContain('asked r1 alice@example.com')
})

test('a bot that takes the command over posts no second card', async () => {
  const { say, chat } = openContexts({ policy: announced })
  await say('alice', 'shell node001 drill x', { id: 'r1' })
  await say('alice', 'shell node001 drill x', { id: 'r1', isRetry: true })
  expect(chat.shown.filter(({ ref }) => ref.channel === 'LEADS')).toHaveLength(1)
})

test('nothing is shown or stored that can’t be recorded', async () => {
  const { say, store, chat, audit } = openContexts()
  audit.fails = new Error('away')
  await expect(say('alice', 'shell node001 drill x', { id: 'r1' })).rejects.toThrow('away')
  expect([chat.shown, await store.run('r1')]).toEqual([[], undefined])
})
