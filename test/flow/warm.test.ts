import { readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, expect, test } from '@jest/globals'
import type { DebugSpec } from '#core/runs/debug-spec'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster, type Tools } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
beforeEach(redis.empty)

const tools: Tools = {
  dig: () => [{ out: '93.184.215.14\n' }],
  ping: () => [{ out: 'PING\n' }, { pause: 60_000 }],
  iptables: () => [{ out: 'Chain INPUT\n' }],
  cat: () => [{ out: 'node001\n' }],
}

type Warm = App & { cluster: FakeCluster; ask: (person: string, text: string) => Promise<string> }

/** Opens the program with warm containers; `ask` waits for the end of the run and returns its id. */
async function open(change: Partial<AppOptions> = {}): Promise<Warm> {
  const cluster = fakeCluster('dev', tools)
  const flow = await openApp({
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    ready: 'keep: 5m, keepInPods: 30m',
    ...change,
    timing: { sweepIntervalMs: 200, ...change.timing },
  })
  // Turns off Slack's rate limit, which isn't the subject here.
  flow.slack.state.unhurried = true
  const begun = () => [...cluster.launched, ...cluster.entered].map(({ id }) => id)
  const ask = async (person: string, text: string) => {
    const before = new Set(begun())
    const news = () => begun().filter((id) => !before.has(id))
    await flow.people.command(person, text)
    await waitUntil(`"${text}" has begun`, () => news().length > 0)
    const [id = ''] = news()
    await flow.shows(ended(id))
    return id
  }
  return { ...flow, cluster, ask }
}

/** Matches the message of a run that has ended. */
const ended = (id: string) => new RegExp(`^(?!I could not)[\\s\\S]*Done[\\s\\S]*run ${id}`)

function connection() {
  const own = connectRedis(redis.url(), silentLog)
  atEnd(async () => own.disconnect())
  return own
}

const records = () => auditRecords(connection())

test('the next run of the same person reuses the pod of the first, whatever its arguments, and is recorded', async () => {
  const { cluster, ask, shows } = await open()
  const first = await ask('U0ALICE', 'shell node001 dig example.com')
  const text = shown(await shows(ended(first)))
  expect(text).toContain('Its pod stays ready for 5 min, so your next command there starts sooner')
  expect(buttonsOf(await shows(ended(first)))['end']).toBe(first)
  expect(cluster.launched).toMatchObject([{ id: first, stay: { idle: 300, life: 30 * 60 + 60 } }])
  expect([...cluster.live.keys()]).toEqual([first])
  const second = await ask('U0ALICE', 'shell node001 dig +short example.org')
  expect(cluster.entered).toMatchObject([{ id: second, host: first }])
  expect(cluster.launched).toHaveLength(1)
  expect(cluster.prewarmed).toEqual([first, first])
  const started = (await records()).filter(({ what }) => what === 'started')
  expect(started).toMatchObject([
    { run: first, details: { kept: 'new session' } },
    { run: second, details: { kept: 'reused session', pod: `retina-${first}` } },
  ])
})

test('concurrent runs share one pod, and are canceled separately', async () => {
  const { cluster, ask, people, shows } = await open()
  const host = await ask('U0ALICE', 'shell node001 dig example.com')
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const running = await shows(/Running/)
  await ask('U0ALICE', 'shell node001 dig example.org')
  expect(cluster.entered.map((each) => each.host)).toEqual([host, host])
  await people.press('U0ALICE', 'cancel', running)
  await shows(/Canceled after/)
  await ask('U0ALICE', 'shell node001 dig example.net')
  expect(cluster.launched).toHaveLength(1)
})

test('runs of another person, another set, another target or other rights never share a container', async () => {
  const { cluster, ask } = await open()
  await ask('U0ALICE', 'shell node001 dig example.com')
  await ask('U0BOB', 'shell node001 dig example.com')
  await ask('U0BOB', 'shell node001 iptables -nvL')
  await ask('U0BOB', 'shell node001 cat /host/etc/hostname')
  await ask('U0BOB', 'shell node001 --host-pid cat /host/etc/hostname')
  await ask('U0BOB', 'shell node002 dig example.com')
  await ask('U0BOB', 'shell -n shop pod/web-1 dig example.com')
  expect(cluster.entered).toEqual([])
  expect(cluster.launched).toHaveLength(7)
  await ask('U0BOB', 'shell -n shop pod/web-1 dig example.org')
  expect(cluster.entered).toHaveLength(1)
})

test('runs that change something, were approved or belong to a fan-out leave no warm container; nor does a set that turns it off', async () => {
  const policy = `
capabilitySets:
  probe: { tools: [dig], keep: off }
  asked: { tools: [ping, iptables], capabilities: [NET_ADMIN, NET_RAW], effect: write, approval: { from: ['group:leads'], window: 30m, breakGlass: ['group:leads'] } }
  change: { tools: ['*'], effect: write, host: { filesystem: read-write } }
groups: { leads: [bob@example.com] }
grants:
  - { to: [alice@example.com], sets: [probe, asked], on: [{ nodes: '*' }] }
  - { to: [bob@example.com], sets: [change], on: [{ nodes: '*' }] }`
  const { cluster, ask, people, shows } = await open({ policy })
  await ask('U0ALICE', 'shell node001 dig example.com')
  await ask('U0BOB', 'shell node001 -m -w cat /host/etc/hostname')
  await people.command('U0ALICE', 'shell node001 iptables -nvL')
  const asking = await shows(/Needs approval/)
  await people.press('U0BOB', 'approve-window', asking)
  await shows(/Done.*iptables/)
  await people.command('U0ALICE', 'shell --reason more node001 iptables -nvL -t nat')
  await shows(/Done.*iptables -nvL -t nat/)
  await waitUntil('no pod is left', () => cluster.live.size === 0)
  expect(cluster.launched.map((each) => each.stay)).toEqual([undefined, undefined, undefined, undefined])
  expect(cluster.entered).toEqual([])
})

test('members of a fan-out leave no warm containers and share none', async () => {
  const { cluster, ask, people, shows } = await open()
  await ask('U0ALICE', 'shell node001 dig example.com')
  await people.command('U0ALICE', 'shell -l pool=web dig example.com')
  await shows(/pool=web/)
  await waitUntil('it has begun', () => cluster.launched.length === 2)
  expect(cluster.launched[1]?.stay).toBeUndefined()
  expect(cluster.entered).toEqual([])
})

test('T20 a session that an attacker wrote into Redis isn’t used, and is logged as an alarm', async () => {
  const { cluster, ask } = await open()
  const own = connection()
  const alices = await ask('U0ALICE', 'shell node001 dig example.com')
  const [key = ''] = await own.keys('retina:session:*')
  const mine = await own.get(key)
  const bobs = await ask('U0BOB', 'shell node001 dig example.com')
  const other = (await own.keys('retina:session:*')).find((each) => each !== key) ?? ''
  // Stores Alice's session under Bob's key: first as it was signed, then with its fields changed.
  await own.set(other, mine ?? '', 'EX', 100)
  const next = await ask('U0BOB', 'shell node001 dig example.org')
  await own.set(key, (mine ?? '').replaceAll(alices, bobs), 'EX', 100)
  const another = await ask('U0ALICE', 'shell node001 dig example.org')
  expect(cluster.entered).toEqual([])
  expect(cluster.launched.map(({ id }) => id)).toEqual([alices, bobs, next, another])
  const alarms = (await records()).filter(({ what }) => what === 'alarm')
  // The store reports each forged record as well, by its key.
  expect(alarms.map(({ run }) => run).filter((run) => !run.startsWith('retina:'))).toEqual([next, another])
})

test('a session is ended by its button or a command of its owner only; its message loses the button', async () => {
  const { cluster, ask, people, shows } = await open()
  const first = await ask('U0ALICE', 'shell node001 dig example.com')
  await people.command('U0BOB', `end ${first}`)
  await shows(new RegExp(`You have no run ${first}`))
  await people.press('U0ALICE', 'end', await shows(ended(first)))
  await waitUntil('its pod is gone', () => cluster.live.size === 0)
  await waitUntil('the button is gone', async () => buttonsOf(await shows(ended(first)))['end'] === undefined)
  await waitUntil('its message says so', async () => !shown(await shows(ended(first))).includes('stays ready'))
  await people.command('U0ALICE', `end ${first}`)
  await shows(new RegExp(`There is no warm session for run ${first}`))
  const second = await ask('U0ALICE', 'shell node001 dig example.com')
  const guest = await ask('U0ALICE', 'shell node001 dig example.org')
  expect(cluster.entered).toMatchObject([{ id: guest, host: second }])
  await people.command('U0ALICE', `end ${guest}`)
  await waitUntil('its pod is gone', () => cluster.live.size === 0)
  const endings = (await records()).filter(({ what }) => what === 'session-ended')
  expect(endings.length).toBeGreaterThanOrEqual(2)
  expect(endings[0]).toMatchObject({ run: first, person: 'alice@example.com', details: { pod: `retina-${first}` } })
})

test('T18 T31 the sweep ends a session whose owner lost the rights', async () => {
  const { cluster, ask, file, logs } = await open()
  const id = await ask('U0ALICE', 'shell node001 dig example.com')
  await ask('U0BOB', 'shell node001 dig example.com')
  writeFileSync(file, readFileSync(file, 'utf8').replace('to: [alice@example.com]', 'to: [carol@example.com]'))
  await waitUntil('the file is read', () => logs.some((line) => line.includes('policy file reloaded')))
  await waitUntil('its pod is gone, and the other one is left', () => cluster.live.size === 1)
  expect(cluster.live.has(id)).toBe(false)
  expect((await records()).findLast(({ what }) => what === 'session-ended')).toMatchObject({
    run: id,
    person: 'retina-chatops',
    details: { why: 'the policy changed' },
  })
})

test('the sweep removes an idle pod, and none with a run in it', async () => {
  const timing = { settleMs: 200, sessionHeartbeatMs: 300 }
  const { cluster, people, shows } = await open({ ready: 'keep: 2s', timing })
  // The second run begins during the first, so that it finds the pod however slow this machine is.
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const host = await shows(/Running.*10\.0\.0\.1/)
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.2')
  const guest = await shows(/Running.*10\.0\.0\.2/)
  expect(cluster.entered).toHaveLength(1)
  await people.press('U0ALICE', 'cancel', host)
  await shows(/Canceled after.*10\.0\.0\.1/)
  await sweeps(cluster, 15)
  expect(cluster.live.size).toBe(1)
  await people.press('U0ALICE', 'cancel', guest)
  await waitUntil('its pod is gone', () => cluster.live.size === 0)
})

/** Waits for `count` further sweeps: at 200 ms each, 15 of them are longer than the idle timeout. */
async function sweeps(cluster: FakeCluster, count: number): Promise<void> {
  const { reap } = cluster
  let seen = 0
  cluster.reap = (alive) => {
    seen += 1
    return reap(alive)
  }
  await waitUntil(`${count} sweeps`, () => seen >= count)
  cluster.reap = reap
}

test('a run whose container is gone gets its own, which replaces it in the session', async () => {
  const { cluster, ask } = await open()
  const first = await ask('U0ALICE', 'shell node001 dig example.com')
  cluster.live.delete(first)
  const second = await ask('U0ALICE', 'shell node001 dig example.org')
  expect(cluster.launched.map(({ id }) => id)).toEqual([first, second])
  expect(cluster.entered).toEqual([])
  await ask('U0ALICE', 'shell node001 dig example.net')
  expect(cluster.entered.map(({ host }) => host)).toEqual([second])
})

test('a run that would outlast the container gets its own', async () => {
  const policy = `
capabilitySets: { long: { tools: [dig], maxDeadline: 2h } }
grants: [{ to: [alice@example.com], sets: [long], on: [{ nodes: '*' }] }]`
  const { cluster, ask } = await open({ policy })
  await ask('U0ALICE', 'shell node002 dig example.com')
  await ask('U0ALICE', 'shell node002 --deadline 45m dig example.net')
  expect(cluster.launched.map(({ spec }: { spec: DebugSpec }) => spec.deadline)).toEqual([60, 2_700])
})

test('concurrent runs on the same pod target share one container', async () => {
  const { cluster, people } = await open()
  for (const name of ['a', 'b', 'c']) await people.command('U0ALICE', `shell -n shop pod/web-1 dig ${name}.example.com`)
  await waitUntil('all have begun', () => cluster.launched.length + cluster.entered.length === 3)
  expect(cluster.launched).toHaveLength(1)
  expect(cluster.entered.map(({ host }) => host)).toEqual([cluster.launched[0]?.id, cluster.launched[0]?.id])
})

test('without idle timeouts no container is reused', async () => {
  const { cluster, ask } = await open({ ready: 'keep: off, keepInPods: 0' })
  await ask('U0ALICE', 'shell node001 dig example.com')
  await ask('U0ALICE', 'shell -n shop pod/web-1 dig example.com')
  await waitUntil('no pod is left', () => cluster.live.size === 0)
  expect(cluster.entered).toEqual([])
})
