import { expect, test } from '@jest/globals'
import { decisionMessage, denialMessage, identityText } from '#src/bot/runs/decision-messages'
import { accountOf } from '#test/samples/contexts'
import { sampleRequest } from '#test/samples/run'

const request = sampleRequest()
const denied = { effect: 'deny' as const, reason: 'tool' as const, message: 'You may not use ping on node001.' }

test('a denial says which set would cover it, and whom to ask', () => {
  expect(denialMessage(request, { ...denied, wouldNeed: ['probe', 'all'] }, { contact: '#platform' }, [])).toEqual({
    ...{ kind: 'refused', typed: request.typed.text, message: denied.message },
    wayOut: '"probe" or "all" would cover it; ask #platform.',
  })
  expect(denialMessage(request, { ...denied, wouldNeed: [] }, {}, ['node/node002'])).toMatchObject({
    message: `${denied.message} Did you mean node/node002?`,
    wayOut: 'No capability set covers it; ask the owner of the policy.',
  })
  const access = { ...denied, reason: 'node-access' as const, wouldNeed: ['x'] }
  expect(denialMessage(request, access, {}, [])).toMatchObject({ wayOut: 'Who grants it: the owner of the policy.' })
})

test('a plan shows what would run, where, by which grant, and what would prevent it', () => {
  const allowed = { effect: 'allow' as const, set: 'probe', grant: 'grants[0]', maxDeadline: 60 }
  const message = decisionMessage(request, allowed, { image: 'shell:v1', problem: 'it is too late' })
  expect(message).toMatchObject({ kind: 'listing', title: 'Yes: this would run', note: 'Nothing was run.' })
  if (message.kind !== 'listing') return
  expect(Object.fromEntries(message.rows as [string, string][])).toMatchObject({
    ...{ target: 'node/node001', runs: 'ping -c 5 127.0.0.1', added: '-c 5', image: 'shell:v1' },
    decision: 'set "probe" by grants[0], at most 60 s',
    problem: 'it is too late',
  })
  const approval = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const }
  expect(decisionMessage(request, { ...allowed, effect: 'ask', approval })).toMatchObject({
    title: 'Only after approval',
  })
  expect(decisionMessage(request, { ...denied, wouldNeed: ['probe'] })).toMatchObject({
    ...{ title: 'No: this would be refused', note: `${denied.message} Nothing was run.` },
    rows: expect.arrayContaining([['decision', `${denied.message}; the set "probe" would cover it`]]),
  })
})

test('people read how they were identified, and their groups by the names that they know', () => {
  const account = accountOf('U1')
  const groups = ['slack:user/T/U1', 'group:leads', 'slack:usergroup/S1', 'teams:user/T/U1']
  expect(identityText({ id: 'a', name: 'A', groups }, account)).toBe(
    'You are using Slack as slack:user/T/U1. Your groups: leads, Slack user group S1, the account teams:user/T/U1.',
  )
  expect(identityText({ id: 'a', name: 'A', groups: [] }, account)).toContain('You are not in any group.')
})
