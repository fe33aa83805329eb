import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { forge, openStore } from '#test/environment/store'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { slackUser } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const write = 'shell -w --reason "disk full" node001 cat /host/x'

const policyOf = (rule: string, more = '') => `
capabilitySets:
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { ${rule} } }
groups: { leads: [bob@example.com, alice@example.com, dora@example.com, erin@example.com] }
grants: [{ to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }${more}]`

const one = "from: ['group:leads'], reason: required, within: 15m, announce: 'slack:channel/C0OTHER'"

async function open(policy = policyOf(one), change: Partial<AppOptions> = {}) {
  const cluster = fakeCluster('dev', { cat: () => [{ out: 'content\n' }] })
  const options: AppOptions = {
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    policy,
    ...change,
  }
  const flow: App = await openApp(options)
  for (const name of ['DORA', 'ERIN']) {
    flow.slack.state.users.set(
      `U0${name}`,
      slackUser(`U0${name}`, { email: `${name.toLowerCase()}@example.com`, real_name: name }),
    )
  }
  return { ...flow, cluster, options }
}

async function ask(flow: App): Promise<string> {
  await flow.people.command('U0ALICE', write)
  await waitUntil('the request is in both channels', () => flow.slack.state.messages.length >= 2)
  const own = await flow.shows(/Needs approval: cat \/host\/x on node\/node001/)
  return buttonsOf(own)['approve'] ?? ''
}

const inChannel = (flow: App, channel: string) =>
  flow.slack.state.messages.filter((message) => message.channel === channel).map(shown)

async function stored(id: string, change: (run: Run) => Run): Promise<void> {
  const connection = connectRedis(redis.url(), silentLog)
  // Signs the change as the bot would: these tests are about the checks after the signature.
  await openStore(connection).changeRun(id, (run) => change(run))
  connection.disconnect()
}

function nothingRan(cluster: FakeCluster): void {
  expect(cluster.launched).toEqual([])
}

test('a write mount that needs approval: requested in the thread and the approvers’ channel, approved by another person, run, and updated in both', async () => {
  const flow = await open()
  const id = await ask(flow)
  const [card] = inChannel(flow, 'C0OTHER')
  expect(card).toContain('What it can do: write to every file on node001 (that makes it root of node001); ')
  expect(card).toContain('Reason: "disk full"')
  expect(card).toContain('Image: localhost/retina-chatops/shell:dev, digest not known')
  expect(card).toContain('[Approve] [Deny] [Cancel]')
  nothingRan(flow.cluster)
  const message = flow.slack.state.messages.find((each) => each.channel === 'C0OTHER')
  if (message === undefined) throw new Error('no card')
  await flow.people.press('U0BOB', 'approve', message)
  await flow.shows(/Done, exit code 0.*cat \/host\/x/)
  expect(inChannel(flow, 'C0OTHER')[0]).toMatch(
    /Approved: cat \/host\/x on node\/node001[\s\S]*Approved by: "U0BOB" \(bob@example\.com/,
  )
  expect(inChannel(flow, 'C0OTHER')[0]).not.toContain('[Approve]')
  expect(flow.cluster.launched.map((run) => [run.id, run.spec.host.filesystem])).toEqual([[id, 'read-write']])
})

test('a reason is required where the policy demands one', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -w node001 cat /host/x')
  expect(shown(await shows(/I did not understand/))).toContain('shell --reason "…" -w node001 cat /host/x')
  nothingRan(cluster)
})

test('T14 people can’t approve their own request, even in the approvers’ group, nor requests that they have no right to approve', async () => {
  const flow = await open()
  const id = await ask(flow)
  await flow.people.command('U0ALICE', `approve ${id}`)
  await flow.shows(/You requested this yourself; somebody else has to decide it\./)
  await flow.people.command('U0CAROL', `approve ${id}`)
  await flow.shows(/There is no request \w+ that you can decide\./)
  nothingRan(flow.cluster)
  // The same person with another account is recognised by the e-mail address.
  flow.slack.state.users.set('U0ALICE2', slackUser('U0ALICE2', { email: 'ALICE@example.com' }))
  flow.slack.state.messages.splice(2)
  await flow.people.command('U0ALICE2', `approve ${id}`)
  await flow.shows(/You requested this yourself/)
  nothingRan(flow.cluster)
})

test('T15 a stored request that was changed before its approval is not run', async () => {
  const flow = await open()
  const id = await ask(flow)
  await stored(id, (run) => ({ ...run, spec: { ...run.spec, pipeline: [['reboot']] } }))
  await flow.people.command('U0BOB', `approve ${id}`)
  expect(shown(await flow.shows(/^:x: Refused/))).toContain('The stored run differs from what was requested')
  nothingRan(flow.cluster)
})

test('T15 a request that was changed after its approval, while it was queued, is not run', async () => {
  const flow = await open(undefined, { role: 'bot' })
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Queued/)
  await stored(id, (run) => ({ ...run, spec: { ...run.spec, pipeline: [['reboot']] } }))
  await openApp({ ...flow.options, slack: flow.slack, role: 'worker' })
  await flow.shows(/^:x: Refused/)
  nothingRan(flow.cluster)
})

test('T16 concurrent reviews are each counted once, and the run is started once', async () => {
  const flow = await open(policyOf(`${one}, quorum: 3`))
  const id = await ask(flow)
  const reviewers = ['U0BOB', 'U0DORA', 'U0ERIN']
  // Every reviewer presses many times, all concurrently.
  await Promise.all(
    Array.from({ length: 48 }, (_each, at) =>
      flow.people.command(reviewers[at % 3] ?? '', `approve ${id}`, 'C0INCIDENT'),
    ),
  )
  await flow.shows(/Done, exit code 0/)
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const run = await openStore(connection).run(id)
  expect(run?.approval?.reviews.map(({ by }) => by.id).toSorted()).toEqual([
    'bob@example.com',
    'dora@example.com',
    'erin@example.com',
  ])
  expect(flow.cluster.launched).toHaveLength(1)
})

test('T16 a quorum of two waits for a second person’s approval; two of one person don’t count', async () => {
  const flow = await open(policyOf(`${one}, quorum: 2`))
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Requested by: "U0ALICE"[\s\S]*Approved by: "U0BOB"/)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/You have already approved this; it is waiting for others\./)
  nothingRan(flow.cluster)
  await flow.people.command('U0DORA', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
})

test('T17 a late approval has no effect, and the card shows that the request expired', async () => {
  const flow = await open()
  const id = await ask(flow)
  const past = new Date(Date.now() - 1_000).toISOString()
  await stored(id, (run) =>
    run.approval === undefined ? run : { ...run, approval: { ...run.approval, expiresAt: past } },
  )
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/This request expired at .*; it can no longer be reviewed\./)
  nothingRan(flow.cluster)
  await waitUntil('both cards say so', () =>
    ['C0OTHER', 'C0INCIDENT'].every((channel) =>
      inChannel(flow, channel).some((text) => text.includes('Expired without a decision')),
    ),
  )
})

test('T18 a requester who loses the rights before the approval: the request is not run', async () => {
  const { people, slack, options, cluster, shows, stop, ...flow } = await open()
  const id = await ask({ people, slack, shows, stop, ...flow })
  await stop()
  const policy = policyOf(one).replace('to: [alice@example.com]', 'to: [carol@example.com]')
  const later = await openApp({ ...options, slack, policy })
  await later.people.command('U0BOB', `approve ${id}`)
  expect(shown(await later.shows(/^:x: Refused/))).toContain(
    'The policy changed in the meantime: You have no grant on node/node001.',
  )
  nothingRan(cluster)
})

test('a denial is final, and is shown everywhere with the reviewer and the reason', async () => {
  const flow = await open()
  const id = await ask(flow)
  await flow.people.command('U0DORA', `deny ${id} not tonight`)
  await waitUntil('both cards say so', () =>
    ['C0OTHER', 'C0INCIDENT'].every((channel) =>
      inChannel(flow, channel).some((text) => /Denied: cat[\s\S]*Denied by: "U0DORA" \(.*: "not tonight"/.test(text)),
    ),
  )
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/This request is already denied/)
  nothingRan(flow.cluster)
})

test('the requester can withdraw the request', async () => {
  const flow = await open()
  const id = await ask(flow)
  await flow.people.command('U0ALICE', `cancel ${id}`)
  await waitUntil('the card says so', () =>
    inChannel(flow, 'C0OTHER').some((text) => text.includes('Withdrawn: cat /host/x')),
  )
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/This request is already withdrawn/)
  nothingRan(flow.cluster)
})

test('a request survives restarts of the bot and Redis, and can be approved afterwards', async () => {
  const flow = await open()
  const id = await ask(flow)
  await flow.stop()
  await redis.stop()
  await redis.restart()
  const later = await openApp({ ...flow.options, slack: flow.slack })
  await later.people.command('U0BOB', `approve ${id}`)
  await later.shows(/Done, exit code 0/)
})

test('T20 an approval that was written into Redis by an attacker doesn’t count', async () => {
  const flow = await open()
  const id = await ask(flow)
  const connection = connectRedis(redis.url(), silentLog)
  await forge<Run>(connection, `retina:run:${id}`, (run) =>
    run.approval === undefined
      ? run
      : { ...run, approval: { ...run.approval, rule: { ...run.approval.rule, from: ['carol@example.com'] } } },
  )
  connection.disconnect()
  await flow.people.command('U0CAROL', `approve ${id}`)
  await flow.shows(/was changed in Redis by something other than this program, so it is not used\./)
  expect(flow.logs.some((line) => line.includes('ALARM'))).toBe(true)
  nothingRan(flow.cluster)
})
