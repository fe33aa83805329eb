import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type Approval,
  addReview,
  approvalState,
  isPastHalfTime,
  mayReview,
  missingApprovals,
  windowEnd,
} from '#core/approvals/approval'
import type { Run } from '#core/runs/run'
import { coverageOf } from '#core/runs/standing-approval-coverage'
import { sampleRun } from '#test/samples/run'

const now = '2026-11-24T03:00:00.000Z'
const later = '2026-11-24T03:15:00.000Z'
const person = (name: string, groups: string[] = ['group:leads']) => ({ id: `${name}@example.com`, name, groups })

const approval = (change: Partial<Approval> = {}): Approval => ({
  specHash: 'abc',
  rule: { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' },
  requester: 'alice@example.com',
  expiresAt: later,
  reviews: [],
  cards: [],
  ...change,
})
const account = { platform: 'slack', team: 'T0HOME', user: 'U0' } as const
const approve = { verdict: 'approve', account } as const

test.each([
  ['own-request', person('alice'), approval(), now],
  ['not-a-reviewer', person('carol', []), approval(), now],
  ['not-pending', person('bob'), approval(), later],
  [
    'not-pending',
    person('bob'),
    approval({ reviews: [{ by: person('dora'), verdict: 'deny', at: now, account, as: ['group:leads'] }] }),
    now,
  ],
  [
    'not-pending',
    person('bob'),
    approval({ reviews: [{ by: person('dora'), verdict: 'approve', at: now, account, as: ['group:leads'] }] }),
    now,
  ],
  [
    'reviewed-already',
    person('bob'),
    approval({
      rule: { from: ['group:leads'], quorum: 2, within: 900, reason: 'optional' },
      reviews: [{ by: person('bob'), verdict: 'approve', at: now, account, as: ['group:leads'] }],
    }),
    now,
  ],
])('%s', (refused, by, asked, at) => {
  expect(addReview(asked, by, approve, at)).toMatchObject({ refused })
})

test('T14 members of the approvers’ group can’t approve their own requests', () => {
  expect(mayReview(approval(), person('alice'))).toBe(false)
  expect(mayReview(approval(), person('bob'))).toBe(true)
  expect(
    addReview(
      approval({ rule: { from: ['alice@example.com'], quorum: 1, within: 1, reason: 'optional' } }),
      person('alice'),
      approve,
      now,
    ),
  ).toMatchObject({ refused: 'own-request' })
})

test('expiry doesn’t undo an earlier decision', () => {
  const done = addReview(approval(), person('bob'), approve, now)
  if ('refused' in done) throw new Error(done.message)
  expect(approvalState(done, now)).toBe('approved')
  expect(approvalState(done, '2027-01-01T00:00:00.000Z')).toBe('approved')
  expect(approvalState(approval(), later)).toBe('expired')
})

test('for any reviews in any order, approved means a quorum of different other people, in time, and no denial', () => {
  const reviewer = fc.constantFrom(person('alice'), person('bob'), person('dora'), person('erin'), person('carol', []))
  const step = fc.record({
    by: reviewer,
    verdict: fc.constantFrom('approve' as const, 'deny' as const),
    late: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (steps, quorum) => {
      let asked = approval({ rule: { from: ['group:leads'], quorum, within: 900, reason: 'optional' } })
      for (const { by, verdict, late } of steps) {
        const next = addReview(asked, by, { verdict, account }, late ? later : now)
        if (!('refused' in next)) asked = next
      }
      const approvers = new Set(asked.reviews.filter((each) => each.verdict === 'approve').map(({ by }) => by.id))
      expect(approvers.has('alice@example.com') || approvers.has('carol@example.com')).toBe(false)
      expect(approvers.size).toBe(asked.reviews.filter((each) => each.verdict === 'approve').length)
      const denied = asked.reviews.some((each) => each.verdict === 'deny')
      expect(approvalState(asked, now)).toBe(denied ? 'denied' : approvers.size >= quorum ? 'approved' : 'pending')
    }),
  )
})

const list = ['group:leads', 'group:security']
const ofBoth = (reviews: Approval['reviews'] = []) =>
  approval({ rule: { from: list, quorum: list, within: 900, reason: 'optional' }, reviews })

function approved(asked: Approval, ...people: ReturnType<typeof person>[]): Approval {
  return people.reduce((sum, by) => {
    const next = addReview(sum, by, approve, now)
    if ('refused' in next) throw new Error(next.message)
    return next
  }, asked)
}

const lead = person('bob', ['group:leads'])
const guard = person('erin', ['group:security'])
const both = person('dora', ['group:leads', 'group:security'])

test('T16 a quorum of one from each of two groups isn’t met by two of one group, and nobody counts for both', () => {
  expect(approvalState(approved(ofBoth(), lead, person('fay')), now)).toBe('pending')
  expect(missingApprovals(approved(ofBoth(), lead, person('fay')))).toEqual({ count: 1, of: ['group:security'] })
  expect(approvalState(approved(ofBoth(), both), now)).toBe('pending')
  expect(missingApprovals(approved(ofBoth(), both)).count).toBe(1)
  expect(approvalState(approved(ofBoth(), lead, guard), now)).toBe('approved')
  // A reviewer of both groups counts for the group that needs one, whatever the order.
  expect(approvalState(approved(ofBoth(), both, lead), now)).toBe('approved')
  expect(approvalState(approved(ofBoth(), both, guard), now)).toBe('approved')
  expect(approvalState(approved(ofBoth(), lead, both), now)).toBe('approved')
})

test('T16 a quorum of groups is met exactly when each group can be assigned a different person', () => {
  const groups = ['group:a', 'group:b', 'group:c']
  const reviewer = fc.subarray(groups, { minLength: 1 })
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...groups), { minLength: 1, maxLength: 4 }),
      fc.array(reviewer, { maxLength: 5 }),
      (quorum, people) => {
        const reviews = people.map((as, at) => ({
          by: { id: `p${at}`, name: '' },
          verdict: 'approve' as const,
          at: now,
          account,
          as,
        }))
        const asked = approval({ rule: { from: groups, quorum, within: 900, reason: 'optional' }, reviews })
        // Brute force: tries every assignment of reviewers to groups.
        const canAssign = (left: string[], free: string[][]): boolean => {
          const [first, ...rest] = left
          if (first === undefined) return true
          return free.some((as, at) => as.includes(first) && canAssign(rest, free.toSpliced(at, 1)))
        }
        expect(missingApprovals(asked).count === 0).toBe(canAssign([...quorum], people))
      },
    ),
  )
})

test('a standing approval is given only if the policy allows one, and ends', () => {
  const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const }
  expect(addReview(approval({ rule }), lead, { verdict: 'approve', account, window: true }, now)).toMatchObject({
    refused: 'no-window',
  })
  const given = addReview(
    approval({ rule: { ...rule, window: 600 } }),
    lead,
    { verdict: 'approve', account, window: true },
    now,
  )
  if ('refused' in given) throw new Error(given.message)
  expect(windowEnd(given)).toBe('2026-11-24T03:10:00.000Z')
  expect(windowEnd(approved(approval({ rule: { ...rule, window: 600 } }), lead))).toBeUndefined()
})

test('a standing approval covers only the same person, set and target, until its end', () => {
  const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const, window: 600 }
  const asked = addReview(
    approval({ rule, requester: 'carol@example.com' }),
    lead,
    { verdict: 'approve', account, window: true },
    now,
  )
  if ('refused' in asked) throw new Error(asked.message)
  const given = sampleRun({ approval: asked })
  const before = '2026-11-24T03:09:59.000Z'
  const { request, set, spec } = given
  const isCovered = (by: Run, asked: Pick<Run, 'request' | 'set'>, at: string) =>
    coverageOf(by, { ...asked, spec }, at) === 'covered'
  expect(isCovered(given, { request, set }, before)).toBe(true)
  expect(isCovered(given, { request, set }, '2026-11-24T03:10:00.000Z')).toBe(false)
  const by = { ...request.by, id: 'bob@example.com' }
  expect(isCovered(given, { request: { ...request, by }, set }, before)).toBe(false)
  expect(isCovered(given, { request, set: 'other' }, before)).toBe(false)
  const target = { kind: 'node' as const, cluster: 'dev', name: 'node002' }
  expect(isCovered(given, { request: { ...request, target }, set }, before)).toBe(false)
  const facts = { ...request.facts, uid: 'a namesake' }
  expect(isCovered(given, { request: { ...request, facts }, set }, before)).toBe(false)
  const denied = { by: lead, verdict: 'deny' as const, at: now, account, as: [] }
  expect(
    isCovered({ ...given, approval: { ...asked, reviews: [...asked.reviews, denied] } }, { request, set }, before),
  ).toBe(false)
})

test('if the policy requires a passkey, an approval without one is refused, and wouldn’t count', () => {
  const rule = {
    from: ['group:leads'],
    quorum: 1,
    within: 900,
    reason: 'optional' as const,
    confirm: 'passkey' as const,
  }
  expect(addReview(approval({ rule }), lead, approve, now)).toMatchObject({ refused: 'unconfirmed' })
  const slipped = { by: lead, verdict: 'approve' as const, at: now, account, as: ['group:leads'] }
  expect(approvalState(approval({ rule, reviews: [slipped] }), now)).toBe('pending')
  expect(approvalState(approval({ rule, reviews: [{ ...slipped, passkey: 'k' }] }), now)).toBe('approved')
  expect(addReview(approval({ rule }), lead, { verdict: 'deny', account }, now)).toMatchObject({
    reviews: [{ verdict: 'deny' }],
  })
})

test('a request is past half of its time until it is decided or expired', () => {
  const at = (minutes: number) => new Date(Date.parse(now) + minutes * 60_000).toISOString()
  const states = [7, 8, 14, 15].map((minutes) => isPastHalfTime(approval(), at(minutes)))
  expect(states).toEqual([false, true, true, false])
  const decided = addReview(approval(), person('bob'), approve, now) as Approval
  expect(isPastHalfTime(decided, at(8))).toBe(false)
})
