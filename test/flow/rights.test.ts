import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue } from '#src/redis/queue/run-queue'
import { createRunSigner } from '#src/redis/queue/run-signature'
import { redisRunStore } from '#src/redis/store/run-store'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, openApp } from './app.ts'
import { configText, policyText, sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

async function open(change: Partial<AppOptions> = {}): Promise<App & { cluster: FakeCluster; options: AppOptions }> {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], ping: () => [{ pause: 30_000 }] })
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change }
  return { ...(await openApp(options)), cluster, options }
}

test('T06 a member without rights: every command is refused or empty, and no node or pod is named', async () => {
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
  const told = all.map((text) =>
    text
      .split('\n')
      .filter((line) => !line.startsWith('You typed:'))
      .join('\n'),
  )
  expect(told.filter((text) => /node002|web-1.*Running|Ready/.test(text))).toEqual([])
  expect(told[0]).toContain('Nothing is granted to you on node/node001.')
  // The same words for what is there and what isn't.
  expect(told[1]).toBe(told[0]?.replace('node001', 'node00'))
  expect(cluster.launched).toEqual([])
}, 60_000)

test('what the cluster itself would refuse is said before anything is queued, with a way out', async () => {
  const { people, shows, cluster, slack } = await open()
  cluster.refusals.set(
    'web-1',
    'the namespace enforces the PodSecurity level "restricted", which forbids: unrestricted capabilities',
  )
  await people.command('U0BOB', 'shell -n shop pod/web-1 iptables -nvL')
  const text = shown(await shows(/Not done/))
  expect(text).toContain('The cluster would not take it: the namespace enforces the PodSecurity level "restricted"')
  expect(text).toContain("The node's side of it: shell node001 iptables -nvL")
  expect(cluster.launched).toEqual([])
  await people.command('U0BOB', 'can-i shell -n shop pod/web-1 iptables -nvL')
  expect(shown(await shows(/Yes: this would run/))).toMatch(/but\s+the namespace enforces/)
  expect(slack.state.messages).toHaveLength(2)
})

test('T18 rights that are taken away while a run waits end it unrun', async () => {
  const { people, shows, cluster, slack, options } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const policy = policyText.replaceAll('to: [alice@example.com]', 'to: [erin@example.com]')
  await openApp({ ...options, slack, role: 'worker', policy })
  const text = shown(await shows(/Refused/))
  expect(text).toContain('The policy changed while it waited: Nothing is granted to you on node/node001.')
  expect(cluster.launched).toEqual([])
})

test('a policy file that changes is in force soon; a wrong one leaves the last good one in force, and the log says so', async () => {
  const { people, shows, cluster, slack, options, file, logs } = await open()
  writeFileSync(
    file,
    configText({ ...options, policy: policyText.replace('to: [alice@example.com]', 'to: [erin@example.com]') }, slack),
  )
  await waitUntil('the file was read anew', () => logs.some((line) => line.includes('policy file read anew')))
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Nothing is granted to you on node\/node001/)
  writeFileSync(file, configText({ ...options, policy: 'capabilitySets: { probe: { toolz: [ping] } }' }, slack))
  await waitUntil('the mistake is logged', () => logs.some((line) => line.includes('the last good one stays in force')))
  expect(logs.find((line) => line.includes('stays in force'))).toContain('toolz')
  await people.command('U0BOB', 'shell node001 dig example.com')
  await shows(/exit code 0/)
  expect(cluster.launched).toHaveLength(1)
}, 30_000)

test('T17 a run that waited for more than five minutes is not started', async () => {
  const { people, shows, slack, options, cluster } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const connection = connectRedis(redis.url(), silentLog)
  const store = redisRunStore(connection)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  const { signRun: seal } = createRunSigner(sealKey)
  await store.changeRun(run?.id ?? '', (now) =>
    seal({ ...now, queuedAt: new Date(Date.now() - 301_000).toISOString() }),
  )
  connection.disconnect()
  await openApp({ ...options, slack, role: 'worker' })
  expect(shown(await shows(/Expired/))).toContain('It waited for more than five minutes, so it was not started')
  expect(cluster.launched).toEqual([])
})

test('T20 a run that somebody wrote into Redis is not run: fields changed, and a whole job added by hand', async () => {
  const { people, shows, slack, options, cluster } = await open({ role: 'bot' })
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Queued/)
  const connection = connectRedis(redis.url(), silentLog)
  const store = redisRunStore(connection)
  await waitUntil('it is stored', async () => (await store.runsOf('alice@example.com', 1)).length > 0)
  const [run] = await store.runsOf('alice@example.com', 1)
  if (run === undefined) throw new Error('no run')
  const spec = { ...run.spec, pipeline: [['reboot']] }
  await store.changeRun(run.id, (now) => ({ ...now, spec }))
  const forged = { ...run, id: 'forgedforged', spec }
  await store.addRun(forged)
  await bullmqRunQueue(connection, {
    limit: 10,
    slots: redisConcurrencySlots(connection, { perNode: 4, perCluster: 100 }),
  }).add(forged, 1)
  const worker = await openApp({ ...options, slack, role: 'worker' })
  await shows(/^:x: Refused[\s\S]*What was stored is not what was asked/)
  await waitUntil('both are alarmed of', () => worker.logs.filter((line) => line.includes('ALARM')).length === 2)
  connection.disconnect()
  expect(cluster.launched).toEqual([])
}, 30_000)

test('T27 a thousand commands of one person: the rest is told to wait, once, and somebody else’s run goes on', async () => {
  const { people, shows, slack, cluster, health } = await open()
  await redis.empty()
  // So many at a time that a slow machine acknowledges them within Slack's three seconds.
  for (let sent = 0; sent < 1_000; sent += 25) {
    const flood = Array.from({ length: 25 }, (_each, at) =>
      people.command('U0CAROL', `shell node001 dig host${sent + at}.example`, 'C0OTHER'),
    )
    await Promise.all(flood)
  }
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
  const told = slack.state.messages.map(shown).filter((text) => text.includes('more than 30 commands in a minute'))
  expect(told.length).toBeLessThanOrEqual(1)
  // Thirty answers and the one word of warning, each tried six times at the most: the other 969 cost nothing.
  const posts = slack.state.calls.filter(({ method }) => method === 'chat.postMessage')
  expect(posts.length).toBeLessThanOrEqual(31 * 6 + 6)
  expect(cluster.launched).toHaveLength(1)
  const metrics = await (await fetch(`${health}/metrics`)).text()
  expect(Number(/commands_total\{event="commands"\} (\d+)/.exec(metrics)?.[1])).toBe(1_001)
  expect(Number(/commands_total\{event="refused"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(970)
}, 120_000)
