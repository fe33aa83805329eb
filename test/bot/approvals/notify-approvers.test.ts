import { expect, test } from '@jest/globals'
import type { ApprovalRule } from '#core/policy/policy'
import { ChatError } from '#core/ports/chat'
import { announceToApprovers, approversToMention, notifyApprovers } from '#src/bot/approvals/notify-approvers'
import { openContexts, sampleChannel } from '#test/samples/contexts'
import { sampleRequest, sampleRun } from '#test/samples/run'

const message = { kind: 'refused' as const, typed: '', message: 'for the approvers' }
const announce = 'slack:channel/LEADS'
const run = sampleRun({ request: sampleRequest({ id: 'r1', thread: sampleChannel }) })

test('a message is posted in the channel that the policy names, in the workspace of the command', async () => {
  const { bot, chat } = openContexts()
  expect(await notifyApprovers(bot, sampleChannel, { announce }, message)).toEqual({
    message: { platform: 'slack', team: 'T', channel: 'LEADS', message: 'm1' },
  })
  expect(chat.shown).toMatchObject([{ message }])
})

test('where it isn’t posted, it says why', async () => {
  const { bot, chat, lines } = openContexts()
  expect(await notifyApprovers(bot, sampleChannel, {}, message)).toEqual({
    why: 'the policy names no channel for it ("announce")',
  })
  expect(await notifyApprovers(bot, sampleChannel, { announce: 'teams:channel/x' }, message)).toEqual({
    why: 'this bot has no adapter for teams',
  })
  chat.refuses = () => new ChatError('archived', { permanent: true })
  expect(await notifyApprovers(bot, sampleChannel, { announce }, message)).toEqual({ why: 'archived' })
  expect(lines('error')).toEqual(['approvers could not be notified'])
})

test('approvers are mentioned by the accounts that are known of them', () => {
  const { bot, settings } = openContexts()
  const people = { 'bob@example.com': ['slack:user/T/U0BOB'] }
  settings.rules = { ...settings.rules, known: { ...settings.rules.known, people } }
  const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' } satisfies ApprovalRule
  expect(approversToMention(bot, rule)).toContain('slack:user/T/U0BOB')
  expect(approversToMention(bot, { ...rule, from: [], quorum: ['group:leads'] })).toContain('slack:user/T/U0BOB')
})

test('an announcement is recorded with where it stands; it is posted once, whichever bot completes it', async () => {
  const { bot, typed, chat, details, audit } = openContexts()
  const { ctx } = typed('alice', 'x', { id: 'r1' })
  for (let times = 0; times < 2; times += 1) await announceToApprovers(bot, ctx, run, { announce }, message)
  expect(chat.shown).toHaveLength(1)
  expect(audit.records).toHaveLength(2)
  expect(details('approvers-notified')).toEqual({ announced: announce })
})

test('without a channel it stands where the command was typed; a chat that takes nothing at all stops nothing', async () => {
  const { bot, typed, chat, details } = openContexts()
  await announceToApprovers(bot, typed('alice', 'x').ctx, run, {}, message)
  expect(details('approvers-notified')).toMatchObject({
    ...{ announced: 'slack:channel/C', unannounced: expect.stringContaining('names no channel') },
  })
  chat.refuses = () => new ChatError('archived', { permanent: true })
  await announceToApprovers(bot, typed('alice', 'x').ctx, run, { announce }, message)
  expect(details('approvers-notified')).toEqual({ unannounced: 'archived' })
})

test('a chat that doesn’t answer in time delays nothing longer, and the record says so', async () => {
  const { bot, typed, chat, details } = openContexts({ timing: { announceTimeoutMs: 1 } })
  chat.post = () => new Promise(() => undefined)
  await announceToApprovers(bot, typed('alice', 'x').ctx, run, { announce }, message)
  expect(details('approvers-notified')).toEqual({
    unannounced: 'the chat did not accept it in time; it may still appear there',
  })
})
