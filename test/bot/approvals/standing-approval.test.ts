import { expect, test } from '@jest/globals'
import { openContexts, samplePolicy } from '#test/samples/contexts'

const policy = samplePolicy("window: 30m, announce: 'slack:channel/LEADS'")
const again = 'shell --reason "again" node001 drill x'

/** Opens contexts in which Bob has approved Alice's run r1, and what it may do, for a while. */
async function openStanding() {
  const all = openContexts({ policy })
  await all.say('alice', 'shell --reason "disk full" node001 drill x', { id: 'r1' })
  await all.say('bob', 'approve r1 --window')
  return all
}

test('a further command runs under it; its use is recorded and told to those who gave it, before it is queued', async () => {
  const { say, saved, chat, recorded, details } = await openStanding()
  expect(await say('alice', again, { id: 'r2' })).toMatchObject([
    {
      kind: 'queued',
      note: expect.stringMatching(/^Covered by a standing approval of "Bob".*r1; they are told of it\.$/),
    },
  ])
  expect(await saved('r2')).toMatchObject({ under: 'r1', state: 'queued' })
  expect(recorded().slice(-4)).toEqual(
    ['decided', 'standing-approval-used', 'approvers-notified', 'queued'].map((what) => `${what} r2 alice@example.com`),
  )
  expect(details('standing-approval-used')).toMatchObject({
    under: 'r1',
    reason: 'again',
    approvers: 'bob@example.com',
  })
  expect(chat.ofKind('standing-use')).toMatchObject([{ under: 'r1', mention: ['slack:user/T/bob'] }])
})

test('T49 each use needs a reason of its own', async () => {
  const { say, store } = await openStanding()
  expect(await say('alice', 'shell node001 drill x', { id: 'r2' })).toMatchObject([
    { kind: 'misunderstood', message: expect.stringContaining('needs a reason of its own') },
  ])
  expect(await store.run('r2')).toBeUndefined()
})

test('T49 what the approval doesn’t cover is requested, and the card says what is beyond it', async () => {
  const { say, saved } = await openStanding()
  expect(await say('alice', 'shell --reason "again" --deadline 59s node001 drill x', { id: 'r2' })).toMatchObject([
    { kind: 'queued' },
  ])
  expect(await say('alice', 'shell --reason "again" node002 drill x', { id: 'r3' })).toMatchObject([{ kind: 'asking' }])
  expect(await say('carol', again, { id: 'r4' })).toMatchObject([{ kind: 'asking' }])
  expect(await saved('r3')).not.toHaveProperty('under')
})

test('it ends with its window, and with an approver who has left', async () => {
  const ended = await openStanding()
  ended.clock.pass(31 * 60_000)
  const left = await openStanding()
  left.directory.people.delete('bob')
  const away = await openStanding()
  away.directory.isAway = true
  for (const { say } of [ended, left, away])
    expect(await say('alice', again, { id: 'r2' })).toMatchObject([{ kind: 'asking' }])
})

test('an approval of one request covers no other', async () => {
  const all = openContexts({ policy })
  await all.say('alice', 'shell node001 drill x', { id: 'r1' })
  await all.say('bob', 'approve r1')
  expect(await all.say('alice', again, { id: 'r2' })).toMatchObject([{ kind: 'asking' }])
})

test('one that was changed in the store, or whose run was, covers nothing', async () => {
  const changed = await openStanding()
  changed.store.breakRun('r1')
  expect(await changed.say('alice', again, { id: 'r2' })).toMatchObject([{ kind: 'asking' }])
})

test('where the policy allows no such approval any more, it covers nothing', async () => {
  const { say, settings } = await openStanding()
  const sets = settings.rules.policy.sets.map((set) => {
    if (set.approval === undefined) return set
    const { window: _window, ...approval } = set.approval
    return { ...set, approval }
  })
  settings.rules = { ...settings.rules, policy: { ...settings.rules.policy, sets } }
  expect(await say('alice', again, { id: 'r2' })).toMatchObject([{ kind: 'asking' }])
})
