import { expect, test } from '@jest/globals'
import {
  type Approval,
  addReview,
  approvalState,
  formerApprovers,
  missingApprovals,
  type Review,
} from '#core/approvals/approval'
import type { Directory } from '#core/ports/directory'
import { mergeRevalidated, revalidateApproval } from '#src/lifecycle/revalidate'

const now = '2026-11-24T03:00:00.000Z'
const account = (user: string) => ({ platform: 'slack', team: 'T0HOME', user }) as const
const review = (name: string, as: string[], change: Partial<Review> = {}): Review => ({
  by: { id: `${name}@example.com`, name },
  account: account(name),
  verdict: 'approve',
  at: now,
  as,
  ...change,
})

const list = ['group:leads', 'group:security']
const approvalOf = (...reviews: Review[]): Approval => ({
  specHash: 'x',
  rule: { from: list, quorum: list, within: 900, reason: 'optional' },
  requester: 'alice@example.com',
  expiresAt: '2026-11-24T03:15:00.000Z',
  reviews,
  cards: [],
})

/** Returns a directory with the current groups of people; accounts that aren't listed are deactivated, and `away` can't be looked up. */
const directoryOf = (groups: Record<string, string[]>): Directory => ({
  async person(ref) {
    const found = groups[ref.user]
    if (ref.user === 'away') return { refused: 'not now', temporary: true, account: ref }
    if (found === undefined) return { refused: 'gone', temporary: false, account: ref }
    return { id: `${ref.user}@example.com`, name: ref.user, groups: found }
  },
})

async function fresh(approval: Approval, groups: Record<string, string[]>): Promise<Approval> {
  const found = await revalidateApproval({ directory: directoryOf(groups) }, approval)
  if ('refused' in found) throw new Error(found.refused)
  return found
}

test('T19 a reviewer who left one of two groups counts for the other only; who left both, or the platform, for none', async () => {
  const asked = approvalOf(review('bob', list), review('dora', ['group:security']), review('erin', ['group:leads']))
  const later = await fresh(asked, { bob: ['group:security'], dora: ['group:security'] })
  expect(later.reviews.map(({ as }) => as)).toEqual([['group:security'], ['group:security'], []])
  expect(approvalState(asked, now)).toBe('approved')
  expect(approvalState(later, now)).toBe('pending')
  expect(missingApprovals(later)).toEqual({ count: 1, of: ['group:leads'] })
  expect(formerApprovers(later)).toEqual(['erin'])
})

test('T19 a reviewer who joined a group later counts only for the groups at the time of the approval', async () => {
  const asked = approvalOf(review('bob', ['group:leads']), review('dora', ['group:leads']))
  const later = await fresh(asked, { bob: list, dora: list })
  expect(later).toEqual(asked)
  expect(approvalState(later, now)).toBe('pending')
  // A reviewer who left and came back doesn't count again either: what no longer counts never counts again.
  const left = await fresh(asked, { dora: list })
  expect((await fresh(left, { bob: list, dora: list })).reviews[0]?.as).toEqual([])
})

test('a reviewer who left and came back may approve again, and counts once', async () => {
  const left = await fresh(approvalOf(review('bob', ['group:leads'])), {})
  const bob = { id: 'bob@example.com', name: 'bob', groups: ['group:leads'] }
  const again = addReview(left, bob, { verdict: 'approve', account: account('bob') }, now)
  if ('refused' in again) throw new Error(again.message)
  expect(missingApprovals(again)).toEqual({ count: 1, of: ['group:security'] })
  expect(addReview(again, bob, { verdict: 'approve', account: account('bob') }, now)).toMatchObject({
    refused: 'reviewed-already',
  })
})

test('a denial stays in force if its reviewer left; reviewers aren’t looked up for it', async () => {
  const asked = approvalOf(review('away', ['group:leads'], { verdict: 'deny' }))
  expect(await fresh(asked, {})).toEqual(asked)
})

test('if one reviewer can’t be looked up, the result is unknown', async () => {
  const asked = approvalOf(review('bob', list), review('away', list))
  const found = await revalidateApproval({ directory: directoryOf({ bob: list }) }, asked)
  expect(found).toMatchObject({ temporary: true })
})

test('a review that arrives while people are looked up isn’t changed', async () => {
  const before = approvalOf(review('bob', ['group:leads']))
  const stored = approvalOf(...before.reviews, review('dora', ['group:security'], { at: '2026-11-24T03:00:01.000Z' }))
  const merged = mergeRevalidated(stored, await fresh(before, {}))
  expect(merged.reviews.map(({ by, as }) => [by.name, as])).toEqual([
    ['bob', []],
    ['dora', ['group:security']],
  ])
})
