import { expect, test } from '@jest/globals'
import type { Timing } from '#core/util/default-timings'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { cliHere } from '#test/cli/run-cli'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const [old, next] = ['the-old-key-of-the-tests-'.padEnd(40, 'o'), 'the-next-key-of-the-tests'.padEnd(40, 'n')]

const policy = `
capabilitySets:
  probe: { tools: [dig, ping] }
  asked: { tools: [cat], host: { filesystem: read-only }, approval: { from: [bob@example.com] } }
grants: [{ to: [alice@example.com], sets: [probe, asked], on: [{ nodes: '*' }] }]`

/** Prepares a cluster in which `ping` goes on until it is let go. */
async function prepare() {
  await redis.empty()
  const { promise, resolve: letGo } = Promise.withResolvers<void>()
  atEnd(async () => letGo())
  const tools: Tools = {
    dig: () => [{ out: 'answer\n' }],
    cat: () => [{ out: 'content\n' }],
    ping: () => [{ out: 'first\n' }, { until: promise }, { out: 'last\n' }],
  }
  const cluster = fakeCluster('dev', tools)
  const options: AppOptions = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy }
  return { cluster, options, letGo }
}

const keys = (key: string, also?: string) => ({
  RETINA_SEAL_KEY: key,
  ...(also === undefined ? {} : { RETINA_SEAL_KEY_ALSO: also }),
})

/** Starts a process beside another one, as a rolling update does, and then stops the other one. */
async function replace(before: App, options: AppOptions): Promise<{ now: App; stopped: Promise<void> }> {
  const now = await openApp({ ...options, slack: before.slack })
  return { now, stopped: before.stop() }
}

test('the seal key is replaced in three steps: runs, approvals, sessions and the audit log go on', async () => {
  const { options, letGo, cluster } = await prepare()
  const warm = { ...options, ready: 'keep: 5m, keepInPods: off' }
  const first = await openApp({ ...warm, env: keys(old) })
  await first.people.command('U0ALICE', 'shell node001 dig before.example')
  await first.shows(/before\.example[\s\S]*Done, exit code 0|Done, exit code 0[\s\S]*before\.example/)
  const second = await replace(first, { ...warm, env: keys(old, next) })
  // Each step is complete before the next one begins: a process that doesn't know a key can't go on beside one that signs with it.
  await second.stopped
  await second.now.people.command('U0ALICE', 'shell node002 ping 10.0.0.1')
  await second.now.shows(/first/)
  await second.now.people.command('U0ALICE', 'shell node001 cat /host/etc/hostname')
  const approve = buttonsOf(await second.now.shows(/Needs approval/))['approve'] ?? ''
  const third = await replace(second.now, { ...warm, env: keys(next, old) })
  await third.now.people.command('U0BOB', `approve ${approve}`)
  await third.now.shows(/Done, exit code 0[\s\S]*content|content[\s\S]*Done, exit code 0/)
  await third.now.people.command('U0ALICE', 'shell node001 dig between.example')
  await third.now.shows(/between\.example/)
  await waitUntil('the warm container is used again', () => cluster.entered.length > 0)
  letGo()
  await third.now.shows(/Done, exit code 0[\s\S]*last/)
  await third.stopped
  await waitUntil('what lasts is signed', () =>
    third.now.logs.some((line) => line.includes('are signed with RETINA_SEAL_KEY')),
  )

  await third.now.people.command('U0ALICE', 'shell node001 dig then.example')
  await third.now.shows(/then\.example[\s\S]*Done|Done[\s\S]*then\.example/)
  await third.now.stop()
  // Eight days later.
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  for (const key of await connection.keys('*')) if ((await connection.pttl(key)) > 0) await connection.del(key)
  const last = await replace(third.now, { ...warm, env: keys(next) })
  await last.now.people.command('U0ALICE', 'shell node001 dig after.example')
  await last.now.shows(/after\.example/)
  await last.now.stop()
  expect(await redisAuditLog(connection, [next, old]).verify()).toEqual({ records: expect.any(Number) })
  const logs = [first, second.now, third.now, last.now].flatMap((app) => app.logs)
  expect(logs.filter((line) => line.includes('ALARM'))).toEqual([])

  const verify = (env: Record<string, string>) =>
    cliHere(['audit', 'verify', '--config', last.now.file], { REDIS_URL: redis.url(), ...env })
  expect(await verify(keys(next, old))).toMatchObject({ code: 0, stdout: expect.stringMatching(/intact: \d+ records/) })
  expect(await verify(keys(next))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^Records up to \d+ are signed with a key that is not here: give it in RETINA_SEAL_KEY_ALSO to verify them too\. The others are intact/m,
    ),
  })
})

test('Slack’s signing secret: commands are refused until the bots have the new one, and runs go on', async () => {
  const { options, letGo } = await prepare()
  const first = await openApp(options)
  const { slack, people } = first
  await people.command('U0ALICE', 'shell node002 ping 10.0.0.1')
  await first.shows(/first/)
  slack.state.signingSecret = 'the-new-signing-secret-of-the-tests'
  expect(await people.command('U0ALICE', 'shell node001 dig refused.example')).toMatchObject({ status: 401 })
  const env = { SLACK_SIGNING_SECRET: slack.state.signingSecret }
  const { now, stopped } = await replace(first, { ...options, env })
  letGo()
  await stopped
  await now.shows(/last/)
  await now.people.command('U0ALICE', 'shell node001 dig accepted.example')
  await now.shows(/accepted\.example[\s\S]*Done|Done[\s\S]*accepted\.example/)
  expect(slack.state.messages.map(shown).join()).not.toContain('refused.example')
  slack.state.signingSecret = signingSecret
})

test('Slack’s bot token: a result that ends while it is revoked is delivered with the new one', async () => {
  const { options, letGo } = await prepare()
  const timing: Partial<Timing> = {
    ...{ sweepIntervalMs: 200, undeliveredSeenMs: 300, undeliveredGraceMs: 500, settleMs: 500, deliveryLeaseMs: 1_500 },
    ...{ stopTimeoutMs: 1_000, endingRetryMs: 50 },
  }
  const first = await openApp({ ...options, timing })
  const { slack } = first
  await first.people.command('U0ALICE', 'shell node002 ping 10.0.0.1')
  await first.shows(/first/)
  slack.state.botToken = 'xoxb-the-new-bot-token'
  letGo()
  await waitUntil('the result could not be shown', () =>
    first.logs.some((line) => line.includes('could not be shown yet')),
  )
  expect(slack.state.messages.map(shown).join()).not.toContain('last')
  const { now, stopped } = await replace(first, { ...options, timing, env: { SLACK_BOT_TOKEN: slack.state.botToken } })
  await stopped
  await now.shows(/Done, exit code 0[\s\S]*last/)
  slack.state.botToken = botToken
})

test('the secret of the Teams app: Entra accepts both meanwhile, and results are delivered with the new one', async () => {
  const { options, letGo } = await prepare()
  const first = await openTeamsFlow(options, atEnd)
  const { teams, entra, slack } = first
  await first.inTeams.say(ids.alice, 'shell node002 ping 10.0.0.1')
  await first.showsInTeams(/first/)
  teams.state.secret = 'the-new-secret-of-the-teams-app'
  const env = { TEAMS_APP_SECRET: teams.state.secret }
  const now = await openTeamsFlow({ ...options, teams, entra, slack, env }, atEnd)
  const stopped = first.stop()
  letGo()
  await stopped
  await now.showsInTeams(/last/)
  await now.inTeams.say(ids.alice, 'shell node001 dig example.com')
  await now.showsInTeams(/Done, exit code 0[\s\S]*example\.com|example\.com[\s\S]*Done, exit code 0/)
})

test('the password of Redis: it accepts both meanwhile, and nothing is interrupted', async () => {
  const { options, letGo } = await prepare()
  const admin = connectRedis(redis.url(), silentLog)
  const url = (password: string) => redis.url().replace('//', `//:${password}@`)
  const user = (...rules: string[]) => admin.call('ACL', 'SETUSER', 'default', ...rules)
  atEnd(async () => {
    await user('resetpass', 'nopass')
    admin.disconnect()
  })
  await user('resetpass', '>first-password')
  const first = await openApp({ ...options, redis: url('first-password') })
  await first.people.command('U0ALICE', 'shell node002 ping 10.0.0.1')
  await first.shows(/first/)
  await user('>second-password')
  const { now, stopped } = await replace(first, { ...options, redis: url('second-password') })
  letGo()
  await stopped
  await user('<first-password')
  await now.shows(/Done, exit code 0[\s\S]*last/)
  await now.people.command('U0ALICE', 'shell node001 dig example.com')
  await now.shows(/example\.com[\s\S]*Done|Done[\s\S]*example\.com/)
  const warnings = [...first.logs, ...now.logs].filter((line) => line.includes('"level":"error"'))
  expect(warnings).toEqual([])
})
