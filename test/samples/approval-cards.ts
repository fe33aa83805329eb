import type { Approval } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { requestFacts } from '#core/messages/request-facts'
import { approvalRequestMessage, runCard } from '#core/messages/run-card'
import { sampleRequest, sampleRun } from './run.ts'

/** Every text of a request that somebody other than the owner writes. */
export type CardTexts = { name: string; reason: string; argument: string; approver: string; why: string; image: string }

export const harmless: CardTexts = {
  name: 'Alice',
  reason: 'disk full',
  argument: 'x',
  approver: 'Bob',
  why: 'fine',
  image: 'a.io/shell',
}
const now = '2026-11-24T03:00:00.000Z'

/** Returns every card of one request: waiting, decided, told to its requester, and run without an approval of its own. */
export function approvalCards({ name, reason, argument, approver, why, image }: CardTexts): Message[] {
  const request = sampleRequest({
    by: { id: 'alice@example.com', name, groups: [] },
    account: { platform: 'slack', team: 'T0HOME', user: 'U0ALICE' },
    reason,
    added: [`-c 5 for ${argument}`],
  })
  const spec = { ...sampleRun().spec, pipeline: [['cat', '/host/x', argument], ['head']], image: `${image}:v1` }
  const account = { platform: 'slack', team: 'T0HOME', user: 'U0BOB' } as const
  const by = { id: 'bob@example.com', name: approver }
  const review = { by, verdict: 'approve' as const, account, at: now, as: ['group:leads'], reason: why }
  const requestCard = (reviews: Approval['reviews'], quorum: number) => {
    const approval: Approval = {
      specHash: 'abcdef0123456789',
      rule: { from: ['group:leads'], quorum, within: 900, reason: 'optional', window: 600 },
      requester: 'alice@example.com',
      expiresAt: '2026-11-24T03:15:00.000Z',
      reviews,
      cards: [],
    }
    return approvalRequestMessage(sampleRun({ request, spec, approval, state: 'asking' }), approval, now)
  }
  const run = sampleRun({ request, spec })
  const shared = { run: runCard(run), facts: requestFacts(run), reviews: [review], mention }
  return [
    { ...requestCard([review], 2), mention, beyond: { run: 'abcdefgh2345', what: `the argument ${argument}` } },
    { ...requestCard([{ ...review, as: [] }], 1), alsoWindow: true },
    requestCard([review], 1),
    requestCard([{ ...review, verdict: 'deny' }], 1),
    { kind: 'glass-broken', ...shared },
    { kind: 'standing-use', ...shared, under: 'abcdefgh2345', until: now },
    { kind: 'decided', ...shared, decision: 'approved' },
    { kind: 'decided', ...shared, decision: 'refused', why: `${name} left a group` },
    ...(['queued', 'starting'] as const).map((kind): Message => ({ kind, run: runCard(run) })),
  ]
}

const mention = ['slack:user/T0HOME/U0ALICE', 'slack:usergroup/S0LEADS', 'teams:user/t/0a-1b', 'dora@example.com']
