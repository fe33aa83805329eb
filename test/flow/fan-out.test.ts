import { expect, test } from '@jest/globals'
import type { NodeInfo } from '#core/request/target'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown, shownAlone } from '#test/fakes/slack/shown'
import { type AppOptions, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [dig, ping], deny: [] }
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: [bob@example.com] } }
grants:
  - { to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: 'pool=web' }, { namespaces: [shop] }] }
  - { to: [bob@example.com], sets: [probe], on: [{ nodes: '*' }] }`.replace(', deny: []', '')

/** Returns further nodes: web011 to web030, which Alice may name, and db011 to db015, which she may not. */
function nodes(): NodeInfo[] {
  const one = (pool: string, number: number): NodeInfo => {
    const name = `${pool}0${number}`
    return { uid: `uid-${name}`, name, status: 'Ready', os: 'linux', version: 'v1.36.0', labels: { pool, all: 'yes' } }
  }
  const range = (count: number) => Array.from({ length: count }, (_none, at) => at + 11)
  const windows = { ...one('win', 2), os: 'windows', labels: { pool: 'web', all: 'yes' } }
  return [...range(20).map((at) => one('web', at)), ...range(5).map((at) => one('db', at)), windows]
}

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  let slow = 0
  const tools = {
    dig: (argv: readonly string[], { node }: { node: string }) =>
      argv.includes('slow')
        ? [{ out: 'begun\n' }, { pause: 60_000 }]
        : node === 'web013'
          ? [{ err: 'no servers could be reached\n' }, { end: { reason: 'failed' as const, exitCode: 9 } }]
          : [{ out: `answer on ${node}\n` }],
    ping: () => {
      slow += 1
      return [{ out: 'pong\n' }]
    },
  }
  const cluster = fakeCluster('dev', tools, nodes())
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, ...change }
  return { ...(await openApp(options)), cluster, options, pings: () => slow }
}

const unlimited = { more: 'limits: { fanOut: { confirmAbove: 100 } }' }

test('a selector starts one run for each matching target, and one message shows all of them', async () => {
  const { people, shows, slack, cluster } = await open(unlimited)
  await people.command('U0ALICE', 'shell -l pool=web dig example.com')
  const root = await shows(/Done on 21: dig example\.com on nodes with pool=web/)
  // The counts are in the channel, the targets in its thread.
  expect(shownAlone(root)).toContain('1 × Failed, exit code 9 · 20 × Done, exit code 0 · not run on 1 · U0ALICE')
  expect(shownAlone(root).split('\n')).toHaveLength(3)
  expect(root.replies).toHaveLength(1)
  const text = shown(root)
  expect(text).toMatch(/1 × Failed, exit code 9: web013\n\s+no servers could be reached/)
  expect(text).toMatch(/20 × Done, exit code 0: node001, web011, web012, web014 and 16 more/)
  expect(text).toContain('Not run on 1 (win02): it runs Windows')
  expect(cluster.launched).toHaveLength(21)
  await waitUntil('all outputs are attached', () => slack.state.files.length === 1)
  expect(slack.state.files[0]?.content).toContain('===== node/web030 · Done, exit code 0 · run')
  expect(slack.state.files[0]?.content).toContain('answer on web030')
  // The bot posts one message, however many runs the fan-out has.
  expect(inChannels(slack.state.messages).filter((message) => /dig example/.test(shown(message)))).toHaveLength(1)
})

test('T28 a selector that matches many targets needs their number as confirmation, and runs nothing without it', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0BOB', 'shell -l all=yes dig example.com')
  const asked = shown(await shows(/That would run on 25 nodes with all=yes/))
  expect(asked).toContain('shell --targets 25 -l all=yes dig example.com')
  await people.command('U0BOB', 'shell --targets 24 -l all=yes dig example.com')
  await shows(/You expected 24, but there are now 25 nodes with all=yes\. Nothing was run\./)
  expect(cluster.launched).toEqual([])
  await people.command('U0BOB', 'shell --targets 25 -l all=yes dig example.com')
  await shows(/Done on 25/)
  expect(cluster.launched).toHaveLength(25)
})

test('T28 more targets than the limit of a command are refused, whatever number is confirmed', async () => {
  const { people, shows, cluster } = await open({ more: 'limits: { fanOut: { most: 20 } }' })
  await people.command('U0BOB', 'shell --targets 25 -l all=yes dig example.com')
  expect(shown(await shows(/There are 25 nodes with all=yes; one command can reach at most 20/))).toContain('Narrow')
  expect(cluster.launched).toEqual([])
})

test('T28 a selector matches only targets that the person may name, and reveals no others', async () => {
  const { people, shows, cluster, slack } = await open(unlimited)
  await people.command('U0ALICE', 'shell -l all=yes dig example.com')
  await shows(/Done on 20: dig example\.com on nodes with all=yes/)
  expect(cluster.launched.map(({ spec }) => spec.node).filter((name) => name.startsWith('db'))).toEqual([])
  await people.command('U0ALICE', 'shell -l pool=db dig example.com')
  await shows(/There are no nodes with pool=db that you have access to/)
  expect(slack.state.messages.map(shown).join()).not.toMatch(/db01/)
})

test('T28 commands that need approval, and break-glass commands, can’t be run on many targets', async () => {
  const { people, shows, cluster } = await open(unlimited)
  await people.command('U0ALICE', 'shell -w -l pool=web touch /host/x')
  await shows(/"host-write" requires approval, which is given for one target at a time/)
  await people.command('U0ALICE', 'shell -w --break-glass --reason now -l pool=web touch /host/x')
  await shows(/`--break-glass` works for one target at a time/)
  expect(cluster.launched).toEqual([])
})

test('can-i shows which targets a selector would match, and runs nothing', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'can-i shell -l pool=web dig example.com')
  const text = shown(await shows(/21 nodes with pool=web/))
  expect(text).toMatch(/21\s+would run under the set "probe"\s+node001, web011/)
  expect(text).toMatch(/1\s+left out: it runs Windows/)
  expect(cluster.launched).toEqual([])
})

test('a pod selector matches pods of its namespace', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell -n shop -l app=web ping 10.0.0.1')
  await shows(/Done on 1: ping -c 5 10\.0\.0\.1 on pods of shop with app=web/)
  expect(cluster.launched.map(({ spec }) => spec.target)).toMatchObject([
    { kind: 'pod', namespace: 'shop', name: 'web-1' },
  ])
})

test('a fan-out can be canceled as a whole, shown, listed, and run again by its id', async () => {
  const { people, shows, cluster, slack } = await open({
    more: 'limits: { workerConcurrency: 5, fanOut: { confirmAbove: 100 } }',
  })
  await people.command('U0ALICE', 'shell -l pool=web dig slow')
  const message = await shows(/of 21 done: dig slow[\s\S]*5 running, 16 waiting/)
  const id = buttonsOf(message)['cancel'] ?? ''
  await people.press('U0ALICE', 'cancel', message)
  expect(shown(await shows(/Done on 21: dig slow/))).toMatch(/21 × Canceled/)
  await waitUntil('nothing runs', () => cluster.live.size === 0)
  expect(cluster.launched).toHaveLength(5)
  await people.command('U0ALICE', `show ${id}`, 'C0OTHER')
  await waitUntil('it is shown', () => slack.state.messages.some((each) => each.channel === 'C0OTHER'))
  await people.command('U0ALICE', 'runs')
  await shows(new RegExp(`${id}\\s+21 targets\\s+nodes with pool=web`))
  await people.command('U0BOB', `cancel ${id}`)
  await shows(new RegExp(`You have no run ${id}`))
  await people.command('U0BOB', `show ${id}`, 'C0OTHER')
  const elsewhere = () => slack.state.messages.filter((each) => each.channel === 'C0OTHER').map(shown)
  await waitUntil('Bob is refused', () => elsewhere().some((text) => text.includes('You have no run')))
  await people.command('U0ALICE', `rerun ${id}`)
  const again = await shows(/5 running, 16 waiting/)
  await people.press('U0ALICE', 'cancel', again)
  await waitUntil('nothing runs any more', () => cluster.live.size === 0 && cluster.launched.length === 10)
})

test('queued runs of a fan-out wait for a worker, and any worker updates the message', async () => {
  const flow = await open({ ...unlimited, role: 'bot' })
  await flow.people.command('U0ALICE', 'shell -l pool=web ping 10.0.0.1')
  await flow.shows(/0 of 21 done/)
  await openApp({ ...flow.options, slack: flow.slack, role: 'worker' })
  await flow.shows(/Done on 21: ping/)
  expect(flow.pings()).toBe(21)
})

test('a worker that is stopped while it updates a fan-out’s message hands it over to the next one at once', async () => {
  const flow = await open({ ...unlimited, role: 'bot' })
  const worker = { ...flow.options, slack: flow.slack, role: 'worker' as const }
  const first = await openApp(worker)
  let edits = 0
  flow.slack.misbehave((method) => {
    if (method !== 'chat.update') return undefined
    edits += 1
    return 'slow'
  })
  await flow.people.command('U0ALICE', 'shell -l pool=web dig example.com')
  await waitUntil('an edit is pending', () => edits > 0)
  await first.stop()
  flow.slack.misbehave(undefined)
  await openApp(worker)
  await flow.shows(/Done on 21: dig/)
})
