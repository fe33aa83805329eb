import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Approval, addReview, approvalState, mayReview } from '#core/approval'

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
const approve = { verdict: 'approve' } as const

test.each([
  ['own-request', person('alice'), approval(), now],
  ['not-a-reviewer', person('carol', []), approval(), now],
  ['not-pending', person('bob'), approval(), later],
  ['not-pending', person('bob'), approval({ reviews: [{ by: person('dora'), verdict: 'deny', at: now }] }), now],
  ['not-pending', person('bob'), approval({ reviews: [{ by: person('dora'), verdict: 'approve', at: now }] }), now],
  [
    'reviewed-already',
    person('bob'),
    approval({
      rule: { from: ['group:leads'], quorum: 2, within: 900, reason: 'optional' },
      reviews: [{ by: person('bob'), verdict: 'approve', at: now }],
    }),
    now,
  ],
])('%s', (refused, by, asked, at) => {
  expect(addReview(asked, by, approve, at)).toMatchObject({ refused })
})

test('T14 being in the approvers’ group does not let anybody approve their own', () => {
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

test('expiry does not undo what was decided before it', () => {
  const done = addReview(approval(), person('bob'), approve, now)
  if ('refused' in done) throw new Error(done.message)
  expect(approvalState(done, now)).toBe('approved')
  expect(approvalState(done, '2027-01-01T00:00:00.000Z')).toBe('approved')
  expect(approvalState(approval(), later)).toBe('expired')
})

test('whatever reviews come in whatever order: approved means that many different others, in time, and no denial', () => {
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
        const next = addReview(asked, by, { verdict }, late ? later : now)
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
