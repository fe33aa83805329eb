import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { release } from '#src/bot/approvals/release'
import { openContexts } from '#test/samples/contexts'

/** Opens contexts in which the run r1 was approved and is about to be released, with changes. */
async function openApproved(change: (run: Run) => Run = (run) => run) {
  const all = openContexts()
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  await all.say('bob', 'approve r1')
  await all.queue.remove('r1')
  await all.store.changeRun('r1', change)
  const alice = all.directory.people.get('alice')
  if (alice === undefined) throw new Error('Alice is gone')
  const now = all.clock.now().toISOString()
  return { ...all, alice, go: async (asker = alice) => release(all.bot, await all.saved('r1'), asker, now) }
}

test('an approved run is queued, and its message names who approved it', async () => {
  const { go, queue, chat, details, bot, saved } = await openApproved()
  await go()
  expect(await queue.has('r1')).toBe(true)
  expect(chat.ofKind('queued')).toMatchObject([{ note: expect.stringContaining('approved by "Bob"') }])
  expect(details('queued')).toEqual({ spec: bot.hash((await saved('r1')).spec) })
})

test.each<[string, (run: Run) => Run]>([
  ['its spec', (run) => ({ ...run, spec: { ...run.spec, pipeline: [['drill', 'other']] } })],
  [
    'what a reviewer confirmed',
    (run) => ({
      ...run,
      ...(run.approval === undefined
        ? {}
        : {
            approval: {
              ...run.approval,
              reviews: run.approval.reviews.map((review) => ({ ...review, confirmed: 'of something else' })),
            },
          }),
    }),
  ],
])('T15 a run isn’t released where %s differs from what was approved', async (_what, change) => {
  const { go, queue, saved } = await openApproved(change)
  await go()
  expect(await queue.has('r1')).toBe(false)
  expect((await saved('r1')).end).toMatchObject({
    ...{ reason: 'refused', message: 'the stored run differs from what was requested' },
  })
})

test('T18 a run isn’t released where the policy has changed, or its requester has left', async () => {
  const changed = await openApproved()
  changed.settings.rules = { ...changed.settings.rules, policy: { sets: [], grants: [] } }
  await changed.go()
  expect((await changed.saved('r1')).end?.message).toMatch(/^the policy changed in the meantime: /)
  const left = await openApproved()
  await left.go({ refused: 'This account is deactivated.', temporary: false } as never)
  expect((await left.saved('r1')).end?.message).toBe('Alice no longer has access: This account is deactivated.')
  for (const { queue } of [changed, left]) expect(await queue.has('r1')).toBe(false)
})
