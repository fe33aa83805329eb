import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue } from '#src/redis/queue/run-queue'
import { useRedis } from '#test/environment/redis'
import { forge, openStore } from '#test/environment/store'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, openApp } from './app.ts'
import { configText, policyText } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

async function open(change: Partial<AppOptions> = {}): Promise<App & { cluster: FakeCluster; options: AppOptions }> {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], ping: () => [{ pause: 30_000 }] })
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change }
  return { ...(await openApp(options)), cluster, options }
}

test('T06 a member without rights: every command is refused or shows an empty list, and no node or pod is named', async () => {
  const { people, slack, cluster } = await open()
  const commands = [
    'shell node001 dig example.com',
    'shell node00 dig example.com',
    'shell -n shop pod/web-1 ping 127.0.0.1',
    'can-i shell node001 dig example.com',
    'nodes',
    'nodes node*',
    'pods -n shop',
    'runs',
    'show abcdefgh2345',
    'rerun abcdefgh2345',
    'cancel abcdefgh2345',
    'whoami',
  ]
  for (const [at, command] of commands.entries()) {
    await people.command('U0CAROL', command)
    await waitUntil(`"${command}" is answered`, () => slack.state.messages.length === at + 1)
  }
  const all = slack.state.messages.map(shown)
  const replies = all.map((text) =>
    text
      .split('\n')
      .filter((line) => !line.startsWith('You typed:'))
      .join('\n'),
  )
  expect(replies.filter((text) => /node002|web-1.*Running|Ready/.test(text))).toEqual([])
  expect(replies[0]).toContain('You have no grant on node/node001.')
  // The refusal has the same text for a node that exists and for one that doesn't.
  expect(replies[1]).toBe(replies[0]?.replace('node001', 'node00'))
  expect(cluster.launched).toEqual([])
})

test('a run that the cluster would refuse is refused before it is queued, with a suggestion', async () => {
  const { people, shows, cluster, slack } = await open()
  cluster.refusals.set(
    'web-1',
    'the namespace enforces the PodSecurity level "restricted", which forbids: unrestricted capabilities',
  )
  await people.command('U0BOB', 'shell -n shop pod/web-1 iptables -nvL')
  const text = shown(await shows(/I could not do that/))
  expect(text).toContain('The cluster would refuse this: the namespace enforces the PodSecurity level "restricted"')
  expect(text).toContain('To look from the node: shell node001 iptables -nvL')
  expect(cluster.launched).toEqual([])
  await people.command('U0BOB', 'can-i shell -n shop pod/web-1 iptables -nvL')
  expect(shown(await shows(/Yes: this would run/))).toMatch(/problem\s+the namespace enforces/)
  expect(slack.state.messages).toHaveLength(2)
})

test('T18 a run whose requester loses the rights while it is queued ends without being run', async () => {
  const { people, shows, cluster, slack, options } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const policy = policyText.replaceAll('to: [alice@example.com]', 'to: [erin@example.com]')
  await openApp({ ...options, slack, role: 'worker', policy })
  const text = shown(await shows(/Refused/))
  expect(text).toContain('The policy changed while it waited: You have no grant on node/node001.')
  expect(cluster.launched).toEqual([])
})

test('a changed policy file takes effect soon; an invalid one leaves the last valid policy in force, and is logged', async () => {
  const { people, shows, cluster, slack, options, file, logs } = await open()
  writeFileSync(
    file,
    configText({ ...options, policy: policyText.replace('to: [alice@example.com]', 'to: [erin@example.com]') }, slack),
  )
  await waitUntil('the file was read again', () => logs.some((line) => line.includes('policy file reloaded')))
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/You have no grant on node\/node001/)
  writeFileSync(file, configText({ ...options, policy: 'capabilitySets: { probe: { toolz: [ping] } }' }, slack))
  await waitUntil('the mistake is logged', () =>
    logs.some((line) => line.includes('the last valid one stays in effect')),
  )
  expect(logs.find((line) => line.includes('stays in effect'))).toContain('toolz')
  await people.command('U0BOB', 'shell node001 dig example.com')
  await shows(/exit code 0/)
  expect(cluster.launched).toHaveLength(1)
})

test('T17 a run that was queued for more than five minutes is not started', async () => {
  const { people, shows, slack, options, cluster } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const connection = connectRedis(redis.url(), silentLog)
  const store = openStore(connection)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  await store.changeRun(run?.id ?? '', (now) => ({
    ...now,
    queuedAt: new Date(Date.now() - 301_000).toISOString(),
  }))
  connection.disconnect()
  await openApp({ ...options, slack, role: 'worker' })
  expect(shown(await shows(/Expired/))).toContain('It waited for more than five minutes, so it was not started')
  expect(cluster.launched).toEqual([])
})

test('T20 a run that was written into Redis by an attacker is not run: changed fields, and a job added by hand', async () => {
  const { people, shows, slack, options, cluster } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const connection = connectRedis(redis.url(), silentLog)
  const store = openStore(connection)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  if (run === undefined) throw new Error('no run')
  const spec = { ...run.spec, pipeline: [['reboot']] }
  await forge<Run>(connection, `retina:run:${run.id}`, (now) => ({ ...now, spec }))
  const forged = { ...run, id: 'forgedforged', spec }
  await connection.set('retina:run:forgedforged', JSON.stringify(forged))
  await bullmqRunQueue(connection, {
    limit: 10,
    slots: redisConcurrencySlots(connection, { perNode: 4, perCluster: 100 }),
  }).add(forged, 1)
  const worker = await openApp({ ...options, slack, role: 'worker' })
  await waitUntil('both alarms are logged', () => worker.logs.filter((line) => line.includes('ALARM')).length === 2)
  connection.disconnect()
  expect(cluster.launched).toEqual([])
})

test('T27 a thousand commands of one person: those over the limit get one warning, and another person’s run isn’t delayed', async () => {
  const { people, shows, slack, cluster, health } = await open()
  await redis.empty()
  // The number per batch is low enough for a slow machine to acknowledge each within Slack's three seconds.
  for (let sent = 0; sent < 1_000; sent += 25) {
    const flood = Array.from({ length: 25 }, (_each, at) =>
      people.command('U0CAROL', `shell node001 dig host${sent + at}.example`, 'C0OTHER'),
    )
    await Promise.all(flood)
  }
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  const warnings = slack.state.messages.map(shown).filter((text) => text.includes('more than 30 commands in a minute'))
  expect(warnings.length).toBeLessThanOrEqual(1)
  // At most thirty replies and one warning, each tried at most six times: the other 969 commands cost no API call.
  const posts = slack.state.calls.filter(({ method }) => method === 'chat.postMessage')
  expect(posts.length).toBeLessThanOrEqual(31 * 6 + 6)
  expect(cluster.launched).toHaveLength(1)
  const metrics = await (await fetch(`${health}/metrics`)).text()
  expect(Number(/commands_total\{event="commands"\} (\d+)/.exec(metrics)?.[1])).toBe(1_001)
  expect(Number(/commands_total\{event="refused"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(970)
})
