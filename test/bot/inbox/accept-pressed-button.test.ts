import { expect, test } from '@jest/globals'
import type { InboundCommand } from '#core/ports/chat'
import { createActionHandler } from '#src/bot/inbox/accept-pressed-button'
import { accountOf, sampleChannel } from '#test/samples/contexts'

test('a pressed button is the command of its word; a second press within seconds is the same', async () => {
  const given: (readonly [InboundCommand, string | undefined])[] = []
  const press = createActionHandler(async (inbound, key) => {
    given.push([inbound, key])
    return { ok: true }
  })
  const action = {
    account: accountOf('bob'),
    run: 'r1',
    thread: sampleChannel,
    key: 'k',
    at: '2026-11-24T03:00:00.000Z',
  }
  await press({ ...action, action: 'approve' })
  await press({ ...action, action: 'approve', key: 'k2' })
  await press({ ...action, action: 'approve-window' })
  expect(new Set(given.map(([, key]) => key)).size).toBe(2)
  expect(given[0]?.[0]).toMatchObject({ account: { user: 'bob' }, thread: sampleChannel, key: 'k' })
})
