import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster, type Tools } from '#test/fakes/cluster'
import { inChannels, shown } from '#test/fakes/slack/shown'
import { slackUser, team } from '#test/fakes/slack/state'
import { type App, openApp } from './app.ts'
import { sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const txt =
  '<!channel> <@U1> @everyone ``` *bold* <https://evil.example|click> ![x](http://evil.example/x) <script>alert(1)</script> {"type":"AdaptiveCard"}'
const tools: Tools = { dig: (argv) => [{ out: argv.includes('TXT') ? `${txt}\n` : 'answer\n' }] }

async function open(): Promise<App & { cluster: FakeCluster }> {
  const cluster = fakeCluster('dev', tools)
  const timing = { chatRetryMs: 5 }
  return {
    ...(await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, timing })),
    cluster,
  }
}

/** Waits long enough for a wrongly accepted request to have an effect. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 400))
const now = () => Math.floor(Date.now() / 1_000)

test('T01 a forged request gets 401 and has no effect, and its body isn’t logged', async () => {
  const { people, cluster, slack, logs } = await open()
  const fields = people.commandFields('U0ALICE', 'shell node001 dig forged.example')
  const good = await people.form(fields)
  expect(good.status).toBe(200)
  await waitUntil('the good one ran', () => cluster.launched.length === 1)
  const again = { ...fields, trigger_id: 'another' }
  const wrongKey = await people.form(again, { secret: 'another-secret' })
  const noSignature = await people.form(again, { signature: '' })
  const short = await people.form(again, { signature: 'v0=00' })
  const otherBody = await people.form(again, {
    signature: 'v0=3b8a6b0a7c7d9b8e0e7f1d2c3b4a59687766554433221100ffeeddccbbaa9988',
  })
  expect([wrongKey, noSignature, short, otherBody].map(({ status }) => status)).toEqual([401, 401, 401, 401])
  await settle()
  expect(cluster.launched).toHaveLength(1)
  expect(inChannels(slack.state.messages)).toHaveLength(1)
  expect(logs.filter((line) => line.includes('forged.example'))).toEqual([])
})

test('T01 a body changed by one byte is refused', async () => {
  const { people, cluster } = await open()
  const body = new URLSearchParams(people.commandFields('U0ALICE', 'shell node001 dig example.com')).toString()
  const changed = body.replace('example.com', 'example.con')
  const { createHmac } = await import('node:crypto')
  const timestamp = now()
  const digest = createHmac('sha256', 'test-signing-secret-8f742231b10e')
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')
  const type = 'application/x-www-form-urlencoded'
  expect((await people.post(type, changed, { timestamp, signature: `v0=${digest}` })).status).toBe(401)
  expect((await people.post(type, body, { timestamp, signature: `v0=${digest}` })).status).toBe(200)
  await waitUntil('the true one ran', () => cluster.launched.length === 1)
})

test('T02 a replayed valid request, and one that is six minutes old, have no effect', async () => {
  const { people, cluster, slack } = await open()
  const fields = people.commandFields('U0ALICE', 'shell node001 dig example.com')
  const timestamp = now()
  await people.form(fields, { timestamp })
  await people.form(fields, { timestamp })
  const old = await people.form({ ...fields, trigger_id: 'old' }, { timestamp: now() - 361 })
  expect(old.status).toBe(401)
  await waitUntil('the first one ran', () => cluster.launched.length === 1)
  await settle()
  expect(cluster.launched).toHaveLength(1)
  expect(inChannels(slack.state.messages)).toHaveLength(1)
})

test('T03 Slack’s retries, and one mention under eleven event ids, are one run; the same text typed twice is two', async () => {
  const { people, cluster, slack } = await open()
  const body = people.mentionBody('U0ALICE', 'shell node001 dig example.com')
  for (const number of [0, 1, 2, 3]) {
    const headers = number === 0 ? {} : { 'x-slack-retry-num': String(number), 'x-slack-retry-reason': 'http_timeout' }
    await people.event(body, { headers })
  }
  await Promise.all(Array.from({ length: 11 }, (_each, at) => people.event({ ...body, event_id: `Ev${at}` })))
  await waitUntil('it ran', () => cluster.launched.length === 1)
  await settle()
  expect(cluster.launched).toHaveLength(1)
  expect(inChannels(slack.state.messages)).toHaveLength(1)
  await people.event(people.mentionBody('U0ALICE', 'shell node001 dig example.com'))
  await waitUntil('the second one ran', () => cluster.launched.length === 2)
})

test('T04 guests, strangers, accounts of other workspaces, bots and deactivated accounts are refused', async () => {
  const { people, cluster, slack, shows } = await open()
  slack.state.users.set('U0FOREIGN', slackUser('U0FOREIGN', { team_id: 'T0OTHER', email: 'bob@example.com' }))
  const cases = {
    U0GUEST: /Guests of this workspace or tenant have no access/,
    U0LONE: /Guests of this workspace or tenant have no access/,
    U0ALIEN: /Accounts of other workspaces and tenants have no access/,
    U0FOREIGN: /Accounts of other workspaces and tenants have no access/,
    U0ROBOT: /Other bots have no access/,
    U0GONE: /This account is deactivated/,
  }
  for (const [user, answer] of Object.entries(cases)) {
    slack.state.messages.length = 0
    await people.command(user, 'shell node001 dig example.com')
    await shows(answer)
  }
  expect(cluster.launched).toEqual([])
})

test('T05 a name that imitates another person’s gives no rights', async () => {
  const { people, cluster, slack, shows } = await open()
  const profile = { display_name: 'Alice', email: 'mallory@example.com' }
  slack.state.users.set('U0FAKE', { ...slackUser('U0FAKE'), name: 'alice@example.com', real_name: 'Alice', profile })
  await people.command('U0FAKE', 'shell node001 dig example.com')
  await shows(/You have no grant on node\/node001/)
  // An e-mail address that Slack hasn't confirmed gives no identity either.
  slack.state.users.set('U0CLAIM', slackUser('U0CLAIM', { email: 'alice@example.com', is_email_confirmed: false }))
  slack.state.messages.length = 0
  await people.command('U0CLAIM', 'shell node001 dig example.com')
  await shows(/You have no grant on node\/node001/)
  expect(cluster.launched).toEqual([])
})

test('T24 mentions, formatting and links in output are shown literally', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 dig TXT evil.example')
  const message = await shows(/exit code 0/)
  expect(shown(message)).toContain(txt)
  expect(shown(message)).not.toContain('⚠')
  // Slack parses the fallback text for phones and screen readers as markup, so it is escaped.
  expect(shown({ text: message.text, blocks: [] })).not.toContain('⚠')
  expect(message.text).toContain('&lt;!channel&gt;')
})

test('T24 mentions in a command are shown literally where the command is repeated', async () => {
  const { people, shows } = await open()
  await people.command('U0CAROL', "shell node001 dig '<!channel>'")
  const message = await shows(/I could not do that/)
  expect(shown(message)).toContain("shell node001 dig '&lt;!channel&gt;'")
  expect(shown({ text: message.text, blocks: [] })).not.toContain('⚠')
})

test('in a channel where the bot can’t write, the person is shown how to invite it', async () => {
  const { people, slack } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com', 'C0CLOSED')
  await waitUntil('the requester has a reply', () => slack.state.ephemeral.length > 0)
  expect(slack.state.ephemeral[0]).toContain('/invite @retina')
})

test('in a direct message between people, the person is told where the bot can answer', async () => {
  const { people, slack, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com', 'D0OTHERS')
  await waitUntil('the requester has a reply', () => slack.state.ephemeral.length > 0)
  expect(slack.state.ephemeral[0]).toMatch(
    /direct message between other people.*Send the command to me in a direct message/,
  )
  expect(slack.state.ephemeral[0]).not.toContain('/invite')
  expect(cluster.launched).toEqual([])
})

test('a mention whose message is edited runs once', async () => {
  const { people, shows, cluster } = await open()
  const mention = people.mentionBody('U0ALICE', 'shell node001 dig e1.example')
  await people.event(mention)
  await shows(/Done.*dig e1\.example/)
  const { event, ...envelope } = mention
  const edited = { user: 'U0ALICE', ts: '1706785427.000000' }
  const text = '<@U0RETINA> shell node001 dig e2.example'
  await people.event({ ...envelope, event_id: 'Ev-edited', event: { ...event, text, edited } })
  await settle()
  expect(cluster.launched).toHaveLength(1)
})

test('a member of a user group has the rights of the group', async () => {
  const cluster = fakeCluster('dev', tools)
  const policy = `
capabilitySets: { probe: { tools: [dig] } }
grants: [{ to: ['slack:usergroup/S0LEADS'], sets: [probe], on: [{ nodes: '*' }] }, { to: ['slack:user/${team}/U0CAROL'], sets: [probe], on: [{ nodes: node002 }] }]`
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  await flow.people.command('U0BOB', 'shell node001 dig example.com')
  await flow.people.command('U0CAROL', 'shell node002 dig example.com')
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  await flow.shows(/exit code 0.*node001/)
  await flow.shows(/exit code 0.*node002/)
  await flow.shows(/You have no grant/)
  expect(cluster.launched).toHaveLength(2)
})

test('T39 neither tokens nor texts that people typed are logged, whatever fails', async () => {
  const { people, slack, logs, shows } = await open()
  await people.command('U0ALICE', 'shell node001 dig typed-by-alice.example')
  await shows(/exit code 0/)
  slack.misbehave(() => 'html')
  await people.command('U0ALICE', 'shell node001 dig typed-by-alice.example', 'C0OTHER')
  await waitUntil('the failure is logged', () => logs.some((line) => line.includes('"level":"error"')))
  slack.misbehave(undefined)
  const all = logs.join('\n')
  expect(logs.length).toBeGreaterThan(3)
  for (const secret of [slack.state.botToken, slack.state.signingSecret, slack.state.appToken, sealKey]) {
    expect(all).not.toContain(secret)
  }
  expect(all).not.toContain('typed-by-alice')
})
