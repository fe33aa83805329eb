import { expect, test } from '@jest/globals'
import type { Approval } from '#core/approvals/approval'
import type { Confirmation } from '#core/approvals/confirmation'
import { confirmationText } from '#src/bot/approvals/passkey-confirmation'
import type { BotContext } from '#src/bot/context'
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
