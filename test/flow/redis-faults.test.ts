import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { run } from '#dev/machine/run'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { inChannels, shown } from '#test/fakes/slack/shown'
import { inChannels as teamsInChannels } from '#test/fakes/teams/card'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

/** Lease of a command: leases of dead bots expire after this time. */
const commandLeaseMs = 2_000

async function open(change: Partial<AppOptions> = {}) {
  const { promise: goOn, resolve: endPing } = Promise.withResolvers<void>()
  const cluster: FakeCluster = fakeCluster('dev', {
    dig: (argv) => [{ out: `answer for ${argv[1]}\n` }],
    ping: () => [{ out: 'one\n' }, { until: goOn }, { out: 'two\n' }],
    curl: () => [{ out: 'begun\n' }, { pause: 120_000 }],
  })
  const { timing, ...rest } = change
  const own = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }
  const options: AppOptions = { ...own, ...rest, timing: { commandLeaseMs, ...timing } }
  return { ...(await openApp(options)), cluster, options, endPing }
}

beforeEach(() => redis.empty())
afterEach(async () => {
  await redisCli('config', 'set', 'maxmemory', '0')
})

const redisCli = (...args: string[]) => run('redis-cli', ['-u', redis.url(), ...args])
const ranOn = (cluster: FakeCluster) => cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1])

/** Expires all leases, and waits until every abandoned command has been taken over and a later command has been carried out. */
async function settle(flow: App, other: App = flow): Promise<void> {
  const leases = (await redisCli('--raw', 'keys', 'retina:command-lease:*')).split('\n').filter((key) => key !== '')
  if (leases.length > 0) await redisCli('del', ...leases)
  // A forged command makes the bot that takes it over log an alarm, which shows that it has looked.
  await redisCli('hset', 'retina:command:forged', 'text', 'forged')
  await redisCli('sadd', 'retina:commands', 'forged')
  await waitUntil('a bot has looked', () =>
    [...flow.logs, ...other.logs].some((line) => line.includes('retina:command:forged') && line.includes('ALARM')),
  )
  await flow.people.command('U0ALICE', 'shell node001 dig settled.example')
  await flow.shows(/Done, exit code 0.*settled\.example/)
}

const away = 'My store (Redis) is not responding. Nothing was run. Try again soon.'

test('Redis unavailable: the person is told at once that nothing was run, and nothing is run when it is back', async () => {
  const flow = await open()
  const { people, cluster, slack, shows, health } = flow
  await people.command('U0ALICE', 'shell node001 dig before.example')
  const done = await shows(/Done, exit code 0/)
  await redis.stop()
  expect((await fetch(`${health}/openz`)).status).toBe(200)
  const mention = people.mentionBody('U0ALICE', 'shell node001 dig mention.example')
  const [slash, mentioned] = await Promise.all([
    people.command('U0ALICE', 'shell node001 dig slash.example'),
    people.event(mention),
    people.press('U0ALICE', 'rerun', done),
  ])
  expect(slash.status).toBe(200)
  expect(JSON.parse(slash.body)).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining(away) })
  expect(mentioned.status).toBe(200)
  await waitUntil(
    'both have a reply',
    () => slack.state.messages.filter((each) => shown(each).includes(away)).length === 2,
  )
  await redis.restart()
  await waitUntil(
    'it is back',
    async () => (await people.command('U0ALICE', 'shell node001 dig after.example')).body === '',
  )
  await shows(/Done, exit code 0.*after\.example/)
  // Slack delivers the same event again: its first reply remains final.
  await people.event(mention)
  await settle(flow)
  expect(ranOn(cluster)).toEqual(['before.example', 'after.example', 'settled.example'])
})

test('Redis unavailable: people in Teams and in the web chat are told so too', async () => {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  const web = 'web: { port: 0, channels: [incident], people: [{ id: alice@example.com, name: Alice }] }'
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, more: web }
  const flow = await openTeamsFlow(options, atEnd)
  const { inTeams, showsInTeams, teams, running } = flow
  await inTeams.say(ids.alice, 'shell node001 dig before.example')
  const done = await showsInTeams(/Done, exit code 0/)
  await redis.stop()
  const body = JSON.stringify({
    person: 'alice@example.com',
    channel: 'incident',
    text: 'shell node001 dig web.example',
  })
  const headers = { 'content-type': 'application/json' }
  const [sent, pressed, answer] = await Promise.all([
    inTeams.say(ids.alice, 'shell node001 dig away.example'),
    inTeams.press(ids.alice, done, 'rerun'),
    fetch(`${running.web}api/command`, { method: 'POST', headers, body }),
  ])
  expect(sent.status).toBe(200)
  await showsInTeams(/My store \(Redis\) is not responding\. Nothing was run/)
  expect(pressed.body).toContain(away)
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining(away)])
  await redis.restart()
  await settle(flow)
  expect(ranOn(cluster)).toEqual(['before.example', 'settled.example'])
  expect(teamsInChannels(teams.state.messages)).toHaveLength(2)
})

test('a command written to a suspended Redis is not run when Redis continues, since the person was told so', async () => {
  const flow = await open()
  const { pid } = redis.server()
  process.kill(pid, 'SIGSTOP')
  try {
    const slash = await flow.people.command('U0ALICE', 'shell node001 dig late.example')
    expect(slash.body).toContain(away)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await settle(flow)
  expect(ranOn(flow.cluster)).toEqual(['settled.example'])
  expect(inChannels(flow.slack.state.messages).map(shown)).toEqual([expect.stringContaining('settled.example')])
})

test('the same if the bot that told the person dies before Redis continues: another bot doesn’t run it', async () => {
  const first = await open({ role: 'bot', timing: { queueCloseMs: 200 } })
  const second = await openApp({ ...first.options, slack: first.slack, role: 'all' })
  const { pid } = redis.server()
  process.kill(pid, 'SIGSTOP')
  const slash = await first.people.command('U0ALICE', 'shell node001 dig late.example')
  expect(slash.body).toContain(away)
  // Its connection is closed, but Redis still executes what it had written.
  await first.stop()
  process.kill(pid, 'SIGCONT')
  await settle(second)
  expect(ranOn(first.cluster)).toEqual(['settled.example'])
  await second.people.command('U0ALICE', 'shell node001 dig other.example')
  await second.shows(/Done, exit code 0.*other\.example/)
})

/** Resolves after three further attempts to save a run's output. */
async function triedAgain(id: string): Promise<void> {
  // Not by ioredis, which fails on an entry that arrives together with the answer to MONITOR.
  const monitor = spawn('redis-cli', ['-u', redis.url(), 'monitor'], { stdio: ['ignore', 'pipe', 'ignore'] })
  atEnd(async () => void monitor.kill())
  let times = 0
  createInterface(monitor.stdout).on('line', (line) => {
    if (line.includes(`transcript:{${id}}`)) times += 1
  })
  await waitUntil('it was tried again', () => times >= 3)
}

test('Redis full: commands get that as reply, results are delivered when there is room, and everything recovers', async () => {
  const { people, shows, cluster, health, logs, endPing } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Running/)
  await redisCli('config', 'set', 'maxmemory', '1')
  const slash = await people.command('U0ALICE', 'shell node001 dig full.example')
  expect(slash.body).toContain('My store (Redis) is full. Nothing was run. Tell #platform, then try again.')
  const ready = await fetch(`${health}/readyz`)
  expect([ready.status, await ready.text()]).toEqual([
    503,
    expect.stringMatching(/NOT READY Redis: full \(maxmemory 1 bytes\)/),
  ])
  endPing()
  await waitUntil('the result could not be saved', () => logs.some((line) => line.includes('could not be saved')))
  await triedAgain(cluster.launched[0]?.id ?? '')
  // The tool has ended by now; its pod isn't removed before the run's end is saved.
  expect(cluster.live.size).toBe(1)
  await redisCli('config', 'set', 'maxmemory', '0')
  expect(shown(await shows(/Done, exit code 0.*ping/))).toContain('two')
  await people.command('U0ALICE', 'shell node001 dig room.example')
  await shows(/Done, exit code 0.*room\.example/)
  expect(cluster.launched).toHaveLength(2)
})

test('Redis that gets full while a command is handled: the person gets a reply, and a run that was saved is still run', async () => {
  let full = 'identify-person'
  const { people, shows, cluster, slack, logs } = await open({
    async span(_run, step, work) {
      const result = await work()
      if (step === full) await redisCli('config', 'set', 'maxmemory', '1')
      return result
    },
  })
  await people.command('U0ALICE', 'shell node001 dig early.example')
  await shows(/My store \(Redis\) is full\. Nothing was run\. Tell #platform/)
  await redisCli('config', 'set', 'maxmemory', '0')
  full = 'save-run'
  await people.command('U0ALICE', 'shell node001 dig saved.example', 'C0OTHER')
  await shows(/Queued: dig saved/)
  await waitUntil('it could not be queued', () => logs.filter((line) => line.includes('command failed')).length === 2)
  full = ''
  await redisCli('config', 'set', 'maxmemory', '0')
  await shows(/Done, exit code 0.*saved\.example/)
  expect(cluster.launched).toHaveLength(1)
  expect(inChannels(slack.state.messages)).toHaveLength(2)
})

test('an eviction policy that may drop jobs gets a warning at startup and in /readyz', async () => {
  await redisCli('config', 'set', 'maxmemory-policy', 'allkeys-lru')
  try {
    const { health, logs } = await open()
    expect(await (await fetch(`${health}/readyz`)).text()).toContain('ok Redis: maxmemory-policy is allkeys-lru')
    await waitUntil('the warning is logged', () => logs.some((line) => line.includes('set noeviction')))
  } finally {
    await redisCli('config', 'set', 'maxmemory-policy', 'noeviction')
  }
})

test.each([1_000, 3_000])('a Redis suspended for %d ms loses and repeats nothing', async (milliseconds) => {
  const first = await open({ more: 'limits: { perPerson: 1000 }' })
  const second = await openApp({ ...first.options, slack: first.slack })
  first.slack.state.unhurried = true
  const accepted: string[] = []
  for (let at = 0; at < 20; at++) {
    if (at === 10) await redisCli('client', 'pause', String(milliseconds), 'ALL')
    const name = `slow${milliseconds}x${at}.example`
    const { body } = await first.people.command('U0ALICE', `shell node001 dig ${name}`)
    if (body === '') accepted.push(name)
  }
  for (const name of accepted) await first.shows(new RegExp(`Done, exit code 0.*${name}`))
  await settle(first, second)
  const all = [...accepted, 'settled.example']
  expect(ranOn(first.cluster).toSorted()).toEqual(all.toSorted())
  expect(inChannels(first.slack.state.messages)).toHaveLength(all.length)
})

test('Redis killed and restarted with its append-only file: runs, queue and cancellations recover', async () => {
  const { people, shows, cluster, logs } = await open({ more: 'limits: { workerConcurrency: 1 }' })
  expect((await people.command('U0ALICE', 'shell node001 curl http://10.0.0.1')).body).toBe('')
  await shows(/Running/)
  await people.command('U0ALICE', 'shell node001 dig waits.example')
  await shows(/Queued: dig waits/)
  await redis.server().stop('SIGKILL')
  await waitUntil('Redis is missed', () => logs.some((line) => line.includes('Redis is unreachable')))
  await redis.restart()
  await waitUntil(
    'it takes commands',
    async () => (await people.command('U0ALICE', `cancel ${cluster.launched[0]?.id}`)).body === '',
  )
  await shows(/Canceled.*curl/)
  await shows(/Done, exit code 0.*waits\.example/)
  expect(cluster.launched).toHaveLength(2)
})

test('a bot that stops in the middle of a command hands it over to others, and it runs once', async () => {
  const blocked = Promise.withResolvers<void>()
  const first = await open({
    role: 'bot',
    timing: { stopTimeoutMs: 300 },
    async span(_run, step, work) {
      if (step === 'identify-person') await blocked.promise
      return work()
    },
  })
  await first.people.command('U0ALICE', 'shell node001 dig left.example')
  const stopping = first.stop()
  const second = await openApp({
    ...first.options,
    slack: first.slack,
    role: 'all',
    span: (_run, _hop, work) => work(),
  })
  await second.shows(/Done, exit code 0.*left\.example/)
  await stopping
  // The bot that was stopped continues too late to do any harm.
  blocked.resolve()
  await settle(second)
  expect(ranOn(first.cluster)).toEqual(['left.example', 'settled.example'])
  expect(inChannels(first.slack.state.messages)).toHaveLength(2)
})
