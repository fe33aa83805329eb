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
  // People aren't cached: the next step sees at once that somebody has left, not up to a minute later.
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

/** Stops the program and starts one of another role in its place. */
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
  ['moved to another workspace', become('U0ALICE', { team_id: 'T0OTHER' }), /no longer has access: Accounts of other/],
  [
    'is another person now',
    become('U0ALICE', { email: 'mallory@example.com' }),
    /This account now belongs to another person/,
  ],
]

test.each(endings)(
  'T18 the requester %s before the approval: the request is not run',
  async (_what, change, pattern) => {
    // No worker is running: it would refuse the run too, and the check at release is what is tested here.
    const flow = await open(undefined, { role: 'bot' })
    const id = await ask(flow)
    change(flow.slack.state)
    await flow.people.command('U0BOB', `approve ${id}`)
    expect(shown(await flow.shows(/^:x: Refused/))).toMatch(pattern)
    expect(flow.cluster.launched).toEqual([])
  },
)

test.each(endings)('T18 the requester %s while the run was queued: it is not run', async (_what, change, pattern) => {
  const flow = await open(undefined, { role: 'bot' })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Queued/)
  change(flow.slack.state)
  const now = await later(flow, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused/))).toMatch(pattern)
  expect(now.cluster.launched).toEqual([])
})

const departures: [string, Change][] = [
  ['left the approvers’ group', leave('S0LEADS', 'U0BOB')],
  ['was deactivated', become('U0BOB', { deleted: true })],
]

test.each(departures)(
  'T19 the approval of a person who %s before the last approval doesn’t count; another person’s does',
  async (_what, change) => {
    const flow = await open('quorum: 2')
    const id = await ask(flow)
    await flow.people.command('U0BOB', `approve ${id}`)
    await flow.shows(/Approved by: "U0BOB"/)
    change(flow.slack.state)
    await flow.people.command('U0DORA', `approve ${id}`)
    const card = shown(await flow.shows(/Approved by: "U0DORA"/))
    expect(card).toContain('No longer counts: "U0BOB" (bob@example.com')
    expect(card).toContain('Still needed: 1 approval of')
    expect(flow.cluster.launched).toEqual([])
    await flow.people.command('U0ERIN', `approve ${id}`)
    expect(shown(await flow.shows(/Done, exit code 0/))).toContain('cat /host/x')
    expect(flow.cluster.launched).toHaveLength(1)
  },
)

test.each(departures)('T19 an approver %s while the run was queued: it is not run', async (_what, change) => {
  const flow = await open(undefined, { role: 'bot' })
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Queued/)
  change(flow.slack.state)
  const now = await later(flow, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused/))).toContain('U0BOB, who approved it, may no longer do so')
  expect(now.cluster.launched).toEqual([])
})

test('T19 a standing approval ends when its approver leaves', async () => {
  const flow = await open('window: 30m')
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id} --window`)
  await flow.shows(/Done, exit code 0/)
  leave('S0LEADS', 'U0BOB')(flow.slack.state)
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/y')
  await flow.shows(/Needs approval: cat \/host\/y/)
  expect(flow.cluster.launched).toHaveLength(1)
})

test('T19 a run under a standing approval is not run if the approver left while it was queued', async () => {
  const flow = await open('window: 30m')
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id} --window`)
  await flow.shows(/Done, exit code 0/)
  const bot = await later(flow, { role: 'bot' })
  await bot.people.command('U0ALICE', 'shell -w --reason again node001 cat /host/y')
  await bot.shows(/Queued/)
  leave('S0LEADS', 'U0BOB')(flow.slack.state)
  const now = await later({ ...bot }, { role: 'worker' })
  expect(shown(await now.shows(/^:x: Refused[\s\S]*cat \/host\/y/))).toContain(
    'U0BOB, who approved it, may no longer do so',
  )
  expect(now.cluster.launched).toHaveLength(1)
})

test('T19 a chat API that can’t look a person up: the approval is refused with that reason, and can be given again', async () => {
  const flow = await open()
  const id = await ask(flow)
  flow.slack.misbehave((method, { user }) => (method === 'users.info' && user === 'U0ALICE' ? 'error' : undefined))
  await flow.people.command('U0BOB', `approve ${id}`)
  const text = shown(await flow.shows(/Nothing was decided: the requester and the approvers could not be checked/))
  expect(text).toContain("Slack can't look up this account at the moment. Try again in a minute.")
  expect(flow.cluster.launched).toEqual([])
  flow.slack.misbehave(undefined)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
})

test('T18 a chat API that fails for a moment delays a run; one that keeps failing ends it, with the reason', async () => {
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
  await worker.shows(/Done, exit code 0[\s\S]*first/)
  expect(failures).toBe(8)
  const bot = await later(worker, { role: 'bot' })
  flow.slack.misbehave(undefined)
  await bot.people.command('U0ALICE', 'shell node001 dig second.example')
  await bot.shows(/Queued[\s\S]*second/)
  flow.slack.misbehave((method) => (method === 'users.info' ? 'error' : undefined))
  const again = await later(bot, { role: 'worker', timing: { ...timing, revalidateTimeoutMs: 300 } })
  const text = shown(await again.shows(/^:x: Refused[\s\S]*second/))
  expect(text).toContain("so it was not started: Slack can't look up this account at the moment. Try again in")
  expect(flow.cluster.launched).toHaveLength(1)
})

test('T18 a failure to read user groups isn’t taken for a person who left them', async () => {
  const flow = await open()
  flow.slack.misbehave((method) => (method === 'usergroups.list' ? 'error' : undefined))
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Slack can't look up this account at the moment/)
  flow.slack.misbehave(undefined)
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await waitUntil('it ran', () => flow.cluster.launched.length === 1)
})
