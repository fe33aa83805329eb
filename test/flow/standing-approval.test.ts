import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { windowKey } from '#core/runs/standing-approval-coverage'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { forge, openStore } from '#test/environment/store'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policyOf = (rule: string) => `
capabilitySets:
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], announce: 'slack:channel/C0OTHER', ${rule} } }
groups: { leads: [bob@example.com] }
grants: [{ to: [alice@example.com, bob@example.com], sets: [host-write], on: [{ nodes: '*' }] }]`

async function open(rule: string, change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', { cat: () => [{ out: 'content\n' }], ls: () => [{ out: 'files\n' }] })
  const options = {
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    policy: policyOf(rule),
    ...change,
  }
  const flow: App & { cluster: FakeCluster } = { ...(await openApp(options)), cluster }
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { ...flow, options, connection, store: openStore(connection) }
}

async function approveForAWhile(flow: Awaited<ReturnType<typeof open>>): Promise<string> {
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/x')
  await waitUntil('it is asked', () => flow.slack.state.messages.length >= 2)
  const card = flow.slack.state.messages.find(({ channel }) => channel === 'C0OTHER')
  if (card === undefined) throw new Error('no card')
  expect(shown(card)).toContain(
    'With --window, further commands of this person here that can do no more than this run without approval for 30 min',
  )
  await flow.people.press('U0BOB', 'approve-window', card)
  await flow.shows(/Done, exit code 0.*cat \/host\/x/)
  return (await flow.store.runsOf('alice@example.com', 1))[0]?.id ?? ''
}

test('T49 a standing approval covers the same person’s runs with this set on this target, and no others', async () => {
  const flow = await open('window: 30m')
  const first = await approveForAWhile(flow)
  await flow.people.command('U0ALICE', 'shell -w --reason "which files" node001 ls /host')
  await flow.shows(/Done, exit code 0.*ls \/host/)
  const [second] = await flow.store.runsOf('alice@example.com', 1)
  expect(second).toMatchObject({ under: first, state: 'ended' })
  expect(second?.approval).toBeUndefined()
  await flow.people.command('U0ALICE', 'shell -w node002 ls /host')
  await flow.shows(/Needs approval: ls \/host on node\/node002/)
  await flow.people.command('U0BOB', 'shell -w node001 ls /host')
  await waitUntil('Bob’s request is pending as well', () =>
    flow.slack.state.messages.some((message) => /Needs approval: ls \/host on node\/node001/.test(shown(message))),
  )
  expect(flow.cluster.launched).toHaveLength(2)
})

test('T20 a standing approval can’t be forged in Redis, nor moved to another request', async () => {
  const flow = await open('window: 30m', { role: 'bot' })
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/x')
  await flow.shows(/Needs approval/)
  await waitUntil('it is stored', async () => (await flow.store.runsOf('alice@example.com', 1)).length === 1)
  const [asked] = await flow.store.runsOf('alice@example.com', 1)
  const run = await flow.store.run(asked?.id ?? '')
  const approval = run?.approval
  if (run === undefined || approval === undefined) throw new Error('no approval')
  // Writes what an attacker with write access to Redis could: a review by Bob, and the mark of a standing approval.
  const review = {
    by: { id: 'bob@example.com', name: 'Bob' },
    verdict: 'approve' as const,
    at: new Date().toISOString(),
    account: { platform: 'slack' as const, team: 'T0HOME', user: 'U0BOB' },
    as: ['group:leads'],
    window: 1_800,
  }
  await forge<Run>(flow.connection, `retina:run:${run.id}`, (saved) => ({
    ...saved,
    approval: { ...approval, reviews: [review] },
  }))
  await flow.store.setValue('standing-approval', windowKey(run), { run: run.id }, 1_800)
  await flow.people.command('U0ALICE', 'shell -w node001 ls /host')
  await flow.shows(/Needs approval: ls/)
  expect(flow.cluster.launched).toEqual([])
})

test('T18 a standing approval ends when the policy no longer allows any', async () => {
  const flow = await open('window: 30m')
  await approveForAWhile(flow)
  await flow.stop()
  const later = await openApp({ ...flow.options, slack: flow.slack, policy: policyOf('reason: optional') })
  await later.people.command('U0ALICE', 'shell -w node001 ls /host')
  await later.shows(/Needs approval: ls/)
  expect(flow.cluster.launched).toHaveLength(1)
})

test('break glass: runs without waiting, needs a reason, is announced in both channels, and is recorded', async () => {
  const flow = await open("breakGlass: ['alice@example.com']")
  await flow.people.command('U0ALICE', 'shell -w --break-glass node001 cat /host/x')
  expect(shown(await flow.shows(/I did not understand/))).toContain('`--break-glass` requires a reason')
  await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "shop is down" node001 cat /host/x')
  await flow.shows(/Done, exit code 0/)
  const card = shown(await flow.shows(/WITHOUT APPROVAL \(break-glass\): cat \/host\/x on node\/node001/))
  expect(card).toContain('Reason: "shop is down"')
  expect(flow.slack.state.messages.find((each) => shown(each) === card)?.channel).toBe('C0OTHER')
  const records = (await auditRecords(flow.connection)).map(({ what }) => what)
  expect(records.filter((what) => what !== 'policy-changed')).toEqual([
    'decided',
    'glass-broken',
    'approvers-notified',
    'queued',
    'started',
    'ended',
  ])
  expect(flow.logs.some((line) => line.includes('ALARM: break-glass used'))).toBe(true)
})

test('a person who may not break the glass needs approval as usual', async () => {
  const flow = await open("breakGlass: ['bob@example.com']")
  await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "shop is down" node001 cat /host/x')
  await flow.shows(/Needs approval: cat/)
  expect(flow.cluster.launched).toEqual([])
})
