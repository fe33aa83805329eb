import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { type SlackState, slackUser } from '#test/fakes/slack/state'
import { type App, type AppOptions, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policyOf = (rule: string) => `
capabilitySets:
  probe: { tools: [dig] }
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], ${rule} } }
groups: { leads: ['slack:usergroup/S0LEADS'] }
grants:
  - { to: ['slack:usergroup/S0OPS'], sets: [probe, host-write], on: [{ nodes: '*' }] }`

const write = 'shell -w node001 cat /host/x'

type Open = App & { cluster: FakeCluster; options: AppOptions }

async function open(rule = 'quorum: 1', change: Partial<AppOptions> = {}): Promise<Open> {
  await redis.empty()
  const tools = { cat: () => [{ out: 'content\n' }], dig: () => [{ out: 'answer\n' }] }
  const cluster = fakeCluster('dev', tools)
  const policy = policyOf(rule)
  // Nothing is remembered of people: who has left is asked for at the next step, not a minute later.
  const timing = { personCacheMs: 0, chatRetryMs: 5 }
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, timing, ...change }
  const flow = await openApp(options)
  const { users, usergroups } = flow.slack.state
  for (const name of ['DORA', 'ERIN'])
    users.set(`U0${name}`, slackUser(`U0${name}`, { email: `${name.toLowerCase()}@example.com` }))
  usergroups.set('S0OPS', ['U0ALICE'])
  usergroups.set('S0LEADS', ['U0BOB', 'U0DORA', 'U0ERIN'])
  return { ...flow, cluster, options }
}

/** A process of another role takes the place of the first one. */
async function later(flow: Open, change: Partial<AppOptions>): Promise<Open> {
  await flow.stop()
  return { ...flow, ...(await openApp({ ...flow.options, slack: flow.slack, ...change })) }
}

async function ask(flow: Open): Promise<string> {
  await flow.people.command('U0ALICE', write)
  return buttonsOf(await flow.shows(/Needs approval: cat \/host\/x on node\/node001/))['approve'] ?? ''
}

type Change = (state: SlackState) => void
const become = (user: string, what: Parameters<typeof slackUser>[1]): Change => {
  return ({ users }) =>
    void users.set(user, slackUser(user, { email: `${user.slice(2).toLowerCase()}@example.com`, ...what }))
}
const leave = (group: string, user: string): Change => {
  return ({ usergroups }) =>
    void usergroups.set(
      group,
      (usergroups.get(group) ?? []).filter((each) => each !== user),
    )
}

const endings: [string, Change, RegExp][] = [
  ['has left the user group', leave('S0OPS', 'U0ALICE'), /U0ALICE left a group \w+.*: You have no grant/],
  ['was deactivated', become('U0ALICE', { deleted: true }), /U0ALICE no longer has access: This account is deactiv/],
  ['became a guest', become('U0ALICE', { is_restricted: true }), /U0ALICE no longer has access: Guests of this/],
  ['went to another workspace', become('U0ALICE', { team_id: 'T0OTHER' }), /no longer has access: Accounts of other/],
  [
    'is another person now',
    become('U0ALICE', { email: 'mallory@example.com' }),
    /This account now belongs to another person/,
  ],
]

test.each(endings)('T18 who asked %s before it was approved: it is not run', async (_what, change, words) => {
  // Without a worker, which would refuse it as well: here the release has to.
  const flow = await open(undefined, { role: 'bot' })
  const id = await ask(flow)
  change(flow.slack.state)
  await flow.people.command('U0BOB', `approve ${id}`)
  expect(shown(await flow.shows(/^:x: Refused/))).toMatch(words)
  expect(flow.cluster.launched).toEqual([])
})

test.each(endings)('T18 who asked %s while it was queued: it is not run', async (_what, change, words) => {
  const flow = await open(undefined, { role: 'bot' })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Queued/)
  change(flow.slack.state)
  const now = await later(flow, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused/))).toMatch(words)
  expect(now.cluster.launched).toEqual([])
})

const departures: [string, Change][] = [
  ['left the approvers’ group', leave('S0LEADS', 'U0BOB')],
  ['was deactivated', become('U0BOB', { deleted: true })],
]

test.each(departures)(
  'T19 an approver who %s before the last approval doesn’t count; another one does',
  async (_what, change) => {
    const flow = await open('quorum: 2')
    const id = await ask(flow)
    await flow.people.command('U0BOB', `approve ${id}`)
    await flow.shows(/Approved by U0BOB/)
    change(flow.slack.state)
    await flow.people.command('U0DORA', `approve ${id}`)
    const card = shown(await flow.shows(/Approved by U0DORA/))
    expect(card).toContain('Approved by U0BOB, who may no longer approve it: this does not count')
    expect(card).toContain('(1 more needed)')
    expect(flow.cluster.launched).toEqual([])
    await flow.people.command('U0ERIN', `approve ${id}`)
    expect(shown(await flow.shows(/Done, exit code 0/))).toContain('cat /host/x')
    expect(flow.cluster.launched).toHaveLength(1)
  },
)

test.each(departures)('T19 an approver who %s while the run was queued: it is not run', async (_what, change) => {
  const flow = await open(undefined, { role: 'bot' })
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Queued/)
  change(flow.slack.state)
  const now = await later(flow, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused/))).toContain('U0BOB, who approved it, may no longer do so')
  expect(now.cluster.launched).toEqual([])
})

test('T19 an approval for a while ends when who gave it leaves', async () => {
  const flow = await open('window: 30m')
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id} --window`)
  await flow.shows(/Done, exit code 0/)
  leave('S0LEADS', 'U0BOB')(flow.slack.state)
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/y')
  await flow.shows(/Needs approval: cat \/host\/y/)
  expect(flow.cluster.launched).toHaveLength(1)
})

test('T19 a run under an approval for a while is not run when who gave it left while it was queued', async () => {
  const flow = await open('window: 30m')
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id} --window`)
  await flow.shows(/Done, exit code 0/)
  const bot = await later(flow, { role: 'bot' })
  await bot.people.command('U0ALICE', 'shell -w node001 cat /host/y')
  await bot.shows(/Queued/)
  leave('S0LEADS', 'U0BOB')(flow.slack.state)
  const now = await later({ ...bot }, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused[\s\S]*cat \/host\/y/))).toContain(
    'U0BOB, who approved it, may no longer do so',
  )
  expect(now.cluster.launched).toHaveLength(1)
})

test('T19 a chat that can’t be asked who somebody is decides nothing: said so, and it can be approved again', async () => {
  const flow = await open()
  const id = await ask(flow)
  flow.slack.misbehave((method, { user }) => (method === 'users.info' && user === 'U0ALICE' ? 'error' : undefined))
  await flow.people.command('U0BOB', `approve ${id}`)
  const words = shown(await flow.shows(/Nothing was decided: the requester and the approvers could not be checked/, 30))
  expect(words).toContain("Slack can't look up this account at the moment. Try again in a minute.")
  expect(flow.cluster.launched).toEqual([])
  flow.slack.misbehave(undefined)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
}, 60_000)

test('T18 a chat that can’t be asked for a moment holds a run up; one that stays away ends it, in words', async () => {
  const flow = await open(undefined, { role: 'bot' })
  await flow.people.command('U0ALICE', 'shell node001 dig first.example')
  await flow.shows(/Queued[\s\S]*first/)
  let failures = 0
  flow.slack.misbehave((method) => {
    if (method !== 'users.info' || failures >= 8) return undefined
    failures += 1
    return 'error'
  })
  const timing = { ...flow.options.timing, revalidateTimeoutMs: 20_000, revalidateRetryMs: 50 }
  const worker = await later(flow, { role: 'worker', timing })
  await worker.shows(/Done, exit code 0[\s\S]*first/, 40)
  expect(failures).toBe(8)
  const bot = await later(worker, { role: 'bot' })
  flow.slack.misbehave(undefined)
  await bot.people.command('U0ALICE', 'shell node001 dig second.example')
  await bot.shows(/Queued[\s\S]*second/)
  flow.slack.misbehave((method) => (method === 'users.info' ? 'error' : undefined))
  const again = await later(bot, { role: 'worker', timing: { ...timing, revalidateTimeoutMs: 300 } })
  const words = shown(await again.shows(/^:x: Refused[\s\S]*second/, 60))
  expect(words).toContain("so it was not started: Slack can't look up this account at the moment. Try again in")
  expect(flow.cluster.launched).toHaveLength(1)
}, 120_000)

test('T18 user groups that can’t be read aren’t taken for groups that somebody left', async () => {
  const flow = await open()
  flow.slack.misbehave((method) => (method === 'usergroups.list' ? 'error' : undefined))
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Slack can't look up this account at the moment/, 30)
  flow.slack.misbehave(undefined)
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await waitUntil('it ran', () => flow.cluster.launched.length === 1)
}, 60_000)
