import { expect, test } from '@jest/globals'
import type { Approval } from '#core/approvals/approval'
import type { Confirmation } from '#core/approvals/confirmation'
import { confirmationText, handleConfirmed } from '#src/bot/approvals/passkey-confirmation'
import type { BotContext } from '#src/bot/context'
import { accountOf, openContexts, sampleChannel, samplePolicy } from '#test/samples/contexts'
import { sampleRequest, sampleRun } from '#test/samples/run'

const approval: Approval = {
  specHash: 'the spec',
  rule: { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional', window: 600 },
  requester: 'carol@example.com',
  expiresAt: '2026-11-24T03:15:00.000Z',
  reviews: [],
  cards: [],
}
const request = sampleRequest({ reason: 'disk full' })
const run = sampleRun({ request, approval, state: 'asking' })
const context = {
  store: { run: async () => run },
  hash: () => 'the spec',
  now: () => new Date('2026-11-24T03:00:00.000Z'),
} as unknown as BotContext

const confirmation: Extract<Confirmation, { kind: 'approve' }> = {
  ...{ kind: 'approve', run: run.id, specHash: 'the spec', by: { id: 'bob@example.com', name: 'Bob' }, window: false },
  account: { platform: 'slack', team: 'T0HOME', user: 'U0BOB' },
  thread: { platform: 'slack', team: 'T0HOME', channel: 'C0' },
}

test('T48 the page has the facts of the card, and says what else a standing approval covers', async () => {
  const page = async (window: boolean) => (await confirmationText(context)({ ...confirmation, window }))?.fields ?? []
  const labels = (await page(false)).map(({ label }) => label)
  expect(labels).toEqual([
    ...['Requested by', 'Target', 'Command', 'What it can do', 'Reason', 'Image', 'Expires', 'Approved by'],
    'Still needed',
  ])
  expect((await page(true)).at(-1)).toEqual({
    label: 'This also approves',
    value: 'further commands of this person here that can do no more, for 10 min',
  })
  expect(await page(false)).not.toContainEqual(expect.objectContaining({ label: 'This also approves' }))
})

/** Opens contexts in which Bob is about to confirm the approval of r1. */
async function openConfirming() {
  const all = openContexts({ policy: samplePolicy('confirm: passkey') })
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  const specHash = all.bot.hash((await all.saved('r1')).spec)
  const confirmation = {
    ...{ kind: 'approve' as const, run: 'r1', specHash, by: { id: 'bob@example.com', name: 'Bob' }, window: false },
    ...{ account: accountOf('bob'), thread: sampleChannel },
  }
  return { ...all, confirmation, confirm: handleConfirmed(all.bot) }
}

test('what was confirmed with a passkey is approved with that passkey, and its command acknowledged', async () => {
  const { confirm, confirmation, saved, queue, commands, details } = await openConfirming()
  expect(await confirm(confirmation, 'p1')).toBe('Approved. Follow the run in its thread.')
  expect(await saved('r1')).toMatchObject({ state: 'queued', approval: { reviews: [{ passkey: 'p1' }] } })
  expect(await queue.has('r1')).toBe(true)
  expect(details('reviewed')).toEqual({ verdict: 'approve', passkey: 'p1' })
  expect(commands.commands.size).toBe(0)
})

test('T18 a person who has left meanwhile approves nothing; that is on record', async () => {
  const { confirm, confirmation, directory, saved, details } = await openConfirming()
  directory.people.delete('bob')
  expect(await confirm(confirmation, 'p1')).toMatch(/^Nothing was approved\. /)
  expect((await saved('r1')).state).toBe('asking')
  expect(details('review-refused')).toEqual({ why: 'Its platform does not know this account.' })
})

test('what can’t be approved any more is said on the page', async () => {
  const { confirm, confirmation, say } = await openConfirming()
  await say('alice', 'cancel r1')
  expect(await confirm(confirmation, 'p1')).toContain('already withdrawn')
})

test('a review that was not saved leaves no command behind; a store that is away decides nothing', async () => {
  const { confirm, confirmation, audit, commands, saved } = await openConfirming()
  audit.fails = new Error('away')
  await expect(confirm(confirmation, 'p1')).rejects.toThrow('away')
  expect(commands.commands.size).toBe(0)
  delete audit.fails
  commands.refuses = 'away'
  expect(await confirm(confirmation, 'p2')).toContain('is not responding')
  expect((await saved('r1')).state).toBe('asking')
})

test('a bot that dies after the review is saved leaves its command to another one', async () => {
  const { confirm, confirmation, bot, commands, saved } = await openConfirming()
  bot.store.setValue = async () => {
    throw new Error('away')
  }
  await expect(confirm(confirmation, 'p1')).rejects.toThrow('away')
  expect((await saved('r1')).state).toBe('queued')
  expect(commands.commands.size).toBe(1)
})

test('an added passkey is on record', async () => {
  const { confirm, details } = await openConfirming()
  const by = { id: 'bob@example.com', name: 'Bob' }
  expect(await confirm({ kind: 'enrol', by }, 'p1')).toContain('Your passkey was added')
  expect(details('passkey-added')).toEqual({ passkey: 'p1' })
})
