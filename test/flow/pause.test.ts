import { writeFileSync } from 'node:fs'
import { beforeEach, expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { cliHere } from '#test/cli/run-cli'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { slackUser } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { auditRecordsAt } from './audit-log.ts'
import { configText, policyText, sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
beforeEach(redis.empty)

const reason = 'the API server is being upgraded'

async function open(change: Partial<AppOptions> = {}) {
  const cluster = fakeCluster('dev', {
    dig: () => [{ out: 'answer\n' }],
    ping: () => [{ out: 'PING\n' }, { pause: 60_000 }],
    cat: () => [{ out: 'content\n' }],
  })
  const options: AppOptions = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change }
  const flow = await openApp(options)
  flow.slack.state.unhurried = true
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const cli = (...args: string[]) => cliHere([...args, '--config', flow.file], env)
  const order = (verb: 'pause' | 'resume') => cli(verb, '--reason', reason, '--by', 'dora@example.com')
  return { ...flow, cluster, options, cli, order }
}

const records = () => auditRecordsAt(redis.url())

const read = async (address: string) => (await fetch(address)).text()

/** Waits until a paused program says so. */
const becomesPaused = (flow: App) =>
  waitUntil('the program is paused', async () => /PAUSED/.test(await read(`${flow.health}/readyz`)))

test('a pause refuses new runs and fan-outs, says so with its reason, and a resumption ends that', async () => {
  const flow = await open()
  expect(await flow.order('pause')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Paused: nothing new is run/),
  })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  const refusal = shown(await flow.shows(/Nothing was run: all runs are paused by dora@example\.com/))
  expect(refusal).toContain(reason)
  await flow.people.command('U0BOB', 'shell -l pool=web dig example.org')
  await waitUntil(
    'the fan-out is refused',
    () => flow.slack.state.messages.filter((each) => /are paused/.test(shown(each))).length === 2,
  )
  expect(flow.cluster.launched).toEqual([])
  await flow.people.command('U0ALICE', 'whoami')
  await flow.shows(/alice@example\.com/)
  expect(await flow.order('resume')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Resumed/) })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
  const all = await records()
  const own = all.filter(({ what }) => what === 'paused' || what === 'resumed')
  expect(own.map(({ what, person, details }) => [what, person, details])).toEqual([
    ['paused', 'dora@example.com', { reason }],
    ['resumed', 'dora@example.com', { reason }],
  ])
  expect(all.filter(({ details }) => details['why'] === 'paused').map(({ person }) => person)).toEqual([
    'alice@example.com',
    'bob@example.com',
  ])
})

test('open runs are ended with that reason and told in their threads: a running one, a queued one, a request', async () => {
  const flow = await open({ more: 'limits: { perNode: 1 }' })
  await flow.people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await flow.shows(/Running/)
  await flow.people.command('U0ALICE', 'shell node001 dig example.net')
  await flow.shows(/Queued: dig example\.net|Waiting.*dig example\.net|dig example\.net/)
  await flow.people.command('U0BOB', 'shell -w --reason "disk full" node001 cat /host/x')
  await flow.shows(/Needs approval: cat \/host\/x/)
  await flow.order('pause')
  const ping = shown(await flow.shows(/Ended by a pause[\s\S]*ping -c 5 10\.0\.0\.1/))
  const dig = shown(await flow.shows(/Ended by a pause[\s\S]*dig example\.net/))
  const request = shown(await flow.shows(/Withdrawn: cat \/host\/x/))
  for (const text of [ping, dig, request]) expect(text).toContain(`ll runs are paused by dora@example.com: ${reason}`)
  const ended = (await records()).filter(({ what }) => what === 'ended')
  expect(ended.map(({ details }) => details['reason'])).toEqual(['paused', 'paused', 'paused'])
  await waitUntil('nothing is left in the cluster', () => flow.cluster.live.size === 0)
  expect(flow.cluster.launched).toHaveLength(1)
})

test('warm sessions are ended too', async () => {
  const flow = await open({ ready: 'keep: 5m, keepInPods: 30m' })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
  await waitUntil('a pod is warm', () => flow.cluster.live.size === 1)
  await flow.order('pause')
  await waitUntil('no pod is warm', () => flow.cluster.live.size === 0)
  const ended = (await records()).find(({ what }) => what === 'session-ended')
  expect(ended).toMatchObject({ person: 'dora@example.com', details: { why: expect.stringContaining(reason) } })
})

test('runs of a fan-out are ended, and its message shows it', async () => {
  const flow = await open()
  await flow.people.command('U0BOB', 'shell -l pool ping 10.0.0.1')
  await waitUntil('both runs have begun', () => flow.cluster.launched.length === 2)
  await flow.order('pause')
  await flow.shows(/2 × Ended by a pause/)
})

test('a pause outlives a restart, and a run that is queued meanwhile is not started', async () => {
  const first = await open()
  await first.order('pause')
  await first.stop()
  const second = await openApp({ ...first.options, slack: first.slack })
  await becomesPaused(second)
  await second.people.command('U0ALICE', 'shell node001 dig example.com')
  await second.shows(/are paused/)
  expect(first.cluster.launched).toEqual([])
})

test('a worker doesn’t start a run that was queued before the pause', async () => {
  const bot = await open({ role: 'bot' })
  await bot.people.command('U0ALICE', 'shell node001 dig example.com')
  await bot.shows(/No worker is running/)
  const { stdout } = await bot.order('pause')
  expect(stdout).toMatch(/1 open run will be ended[\s\S]*No worker is running/)
  await openApp({ ...bot.options, role: 'worker', slack: bot.slack })
  await bot.shows(/Ended by a pause[\s\S]*dig example\.com/)
  expect(bot.cluster.launched).toEqual([])
})

test('an approval during a pause decides nothing', async () => {
  // The worker that would end the request is not there.
  const flow = await open({
    role: 'bot',
    policy: policyText.replace('[bob@example.com]', '[bob@example.com, dora@example.com]'),
  })
  await flow.people.command('U0BOB', 'shell -w --reason "disk full" node001 cat /host/x')
  const request = await flow.shows(/Needs approval: cat \/host\/x/)
  flow.slack.state.users.set('U0DORA', slackUser('U0DORA', { email: 'dora@example.com' }))
  await flow.order('pause')
  await flow.people.command('U0DORA', `approve ${buttonsOf(request)['approve'] ?? ''}`)
  await flow.shows(/Nothing was decided: all runs are paused/)
  expect((await records()).filter(({ what }) => what === 'reviewed')).toEqual([])
})

test('/readyz and the metric say so, and the program stays ready', async () => {
  const flow = await open()
  expect(await read(`${flow.health}/readyz`)).toMatch(/^ok runs$/m)
  expect(await read(`${flow.health}/metrics`)).toMatch(/^retina_chatops_paused 0$/m)
  await flow.order('pause')
  await becomesPaused(flow)
  const ready = await fetch(`${flow.health}/readyz`)
  expect(ready.status).toBe(200)
  expect(await ready.text()).toMatch(
    /^ok runs: PAUSED since \S+ by dora@example\.com: the API server is being upgraded$/m,
  )
  await waitUntil('the metric says so', async () =>
    /^retina_chatops_paused 1$/m.test(await read(`${flow.health}/metrics`)),
  )
})

test('"paused" in retina.yaml does the same while it is there, and is on record', async () => {
  const flow = await open()
  writeFileSync(flow.file, configText({ ...flow.options, more: `paused: ${reason}` }, flow.slack))
  await becomesPaused(flow)
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/all runs are paused by retina\.yaml: the API server is being upgraded/)
  expect(await flow.cli('resume', '--reason', 'over')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Still paused by retina\.yaml/),
  })
  const changed = () => records().then((all) => all.filter(({ what }) => what === 'policy-changed'))
  await waitUntil('the change is on record', async () => (await changed()).length === 2)
  expect((await changed())[1]?.details).toMatchObject({ paused: reason })
  writeFileSync(flow.file, configText(flow.options, flow.slack))
  await waitUntil('the program is resumed', async () => !/PAUSED/.test(await read(`${flow.health}/readyz`)))
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
})

test('a stored pause that something else wrote counts as a pause', async () => {
  const flow = await open()
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  await connection.set('retina:value:pause:current', 'wrong.{"value":{"by":"mallory","reason":"none"}}')
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/the stored pause was changed by something other than this program/)
  expect(await flow.order('resume')).toMatchObject({ code: 0 })
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/Done, exit code 0/)
})

test.each([
  ['no reason', ['pause']],
  ['an empty reason', ['pause', '--reason', ' ']],
  ['a reason without its flag', ['pause', 'because']],
  ['a reason as long as a page', ['resume', '--reason', 'x'.repeat(501)]],
])('%s is a mistake of usage', async (_name, args) => {
  const { code, stderr } = await cliHere(args)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/--reason|too long/) })
})
