import { afterEach, expect, test } from '@jest/globals'
import { webClient } from '#adapters/slack/call'
import { slackPeople } from '#adapters/slack/people'
import { ChatError } from '#core/ports/chat'
import { defaultTiming } from '#core/util/default-timings'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { botToken, type SlackUser, slackUser, team } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'

const timing = { ...defaultTiming, chatRetryMs: 5 }
const { personCacheMs } = timing

const opened: FakeSlack[] = []
afterEach(async () => {
  for (const slack of opened.splice(0)) await slack.close()
})

/** Opens a fake Slack with a clock that only the test advances. */
async function open(teams?: readonly string[]) {
  const slack = await startFakeSlack()
  opened.push(slack)
  const clock = { now: 1_000_000 }
  const client = webClient(botToken, slack.apiUrl, silentLog)
  const people = slackPeople(client, teams, silentLog, () => clock.now, timing)
  const add = (user: string, change: Partial<SlackUser> & { email?: string }) =>
    slack.state.users.set(user, slackUser(user, change))
  return { slack, clock, add, account: (user: string, where = team) => people.account(where, user) }
}

test('T19 leaving a user group takes effect within a minute; until then Slack is asked once for all people', async () => {
  const { slack, clock, account } = await open()
  expect((await account('U0BOB')).groups).toEqual(['slack:usergroup/S0LEADS'])
  slack.state.usergroups.set('S0LEADS', ['U0ALICE'])
  clock.now += personCacheMs - 1
  expect((await account('U0BOB')).groups).toEqual(['slack:usergroup/S0LEADS'])
  expect((await account('U0ALICE')).groups).toEqual([])
  expect(slack.state.calls.filter(({ method }) => method === 'usergroups.list')).toHaveLength(1)
  clock.now += 1
  expect((await account('U0BOB')).groups).toEqual([])
  expect((await account('U0ALICE')).groups).toEqual(['slack:usergroup/S0LEADS'])
  expect(slack.state.calls.filter(({ method }) => method === 'usergroups.list')).toHaveLength(2)
  expect(personCacheMs).toBeLessThanOrEqual(60_000)
})

test('T18 the deactivation of an account takes effect within a minute', async () => {
  const { add, clock, account } = await open()
  expect((await account('U0ALICE')).kind).toBe('member')
  add('U0ALICE', { email: 'alice@example.com', deleted: true })
  clock.now += personCacheMs
  expect(await account('U0ALICE')).toMatchObject({ kind: 'deactivated' })
})

test.each<[string, Partial<SlackUser>, string]>([
  ['a guest', { is_restricted: true }, 'guest'],
  ['a guest of one channel', { is_ultra_restricted: true }, 'guest'],
  ['a stranger of Slack Connect', { is_stranger: true }, 'stranger'],
  ['somebody of another workspace in a shared channel', { team_id: 'T0OTHER' }, 'stranger'],
  ['a bot', { is_bot: true }, 'bot'],
  ['a workflow', { is_workflow_bot: true }, 'bot'],
  ['somebody who left', { deleted: true }, 'deactivated'],
  ['a guest who left', { deleted: true, is_restricted: true }, 'deactivated'],
])('T04 %s is recognised as such, and has no verified address', async (_what, change, kind) => {
  const { add, account } = await open()
  add('U0X', { email: 'alice@example.com', ...change })
  const found = await account('U0X')
  expect(found.kind).toBe(kind)
  expect(found.email).toBeUndefined()
})

test('T04 an account of another workspace is a stranger; an account that Slack doesn’t know doesn’t exist', async () => {
  const { account } = await open()
  expect((await account('U0ALICE', 'T0OTHER')).kind).toBe('stranger')
  expect(await account('U0NOBODY')).toMatchObject({ kind: 'unknown', groups: [] })
})

test('T05 addresses from another workspace that the owner names aren’t verified: none makes an account Alice', async () => {
  const { add, account } = await open([team, 'T0OTHER'])
  add('U0PARTNER', { team_id: 'T0OTHER', email: 'alice@example.com' })
  const partner = await account('U0PARTNER')
  // Seen in our workspace or in their own, it is the same account.
  expect(partner).toMatchObject({ kind: 'member', team: 'T0OTHER', user: 'U0PARTNER' })
  expect(partner.email).toBeUndefined()
  expect(await account('U0PARTNER', 'T0OTHER')).toEqual(partner)
})

test('a member of another workspace of our own organisation has a verified address', async () => {
  const { slack, add, account } = await open([team, 'T0SECOND'])
  slack.state.enterprise = 'E0OURS'
  add('U0FAR', { team_id: 'T0SECOND', email: 'far@example.com', enterprise_user: { enterprise_id: 'E0OURS' } })
  add('U0FOREIGN', { team_id: 'T0SECOND', email: 'alice@example.com', enterprise_user: { enterprise_id: 'E0THEIRS' } })
  expect((await account('U0FAR')).email).toBe('far@example.com')
  expect((await account('U0FOREIGN')).email).toBeUndefined()
})

test('T05 a name, a handle or an address that Slack hasn’t confirmed gives no identity', async () => {
  const { add, account } = await open()
  add('U0FAKE', {
    name: 'alice@example.com',
    real_name: 'Alice',
    email: 'alice@example.com',
    is_email_confirmed: false,
  })
  const fake = await account('U0FAKE')
  expect(fake.kind).toBe('member')
  expect(fake.email).toBeUndefined()
})

test('a failed lookup isn’t cached, and isn’t a result', async () => {
  const { slack, account } = await open()
  slack.misbehave((method) => (method === 'users.info' ? 'html' : undefined))
  await expect(account('U0ALICE')).rejects.toThrow(ChatError)
  slack.misbehave(undefined)
  expect((await account('U0ALICE')).kind).toBe('member')
})
