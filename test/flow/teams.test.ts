import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { home, other } from '#test/fakes/entra/state'
import { buttonsOf as slackButtons } from '#test/fakes/slack/shown'
import { buttonsOf, inChannels, read, readThread } from '#test/fakes/teams/card'
import { incident } from '#test/fakes/teams/state'
import { atEnd } from './app.ts'
import { policyText } from './settings.ts'
import { ids, openTeamsFlow } from './teams-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const lines = Array.from({ length: 900 }, (_each, at) => `line ${at + 1} ${at % 100 === 7 ? 'ERROR' : 'fine'}\n`).join(
  '',
)
const tools: Tools = {
  dig: () => [{ out: ';; ANSWER SECTION:\nexample.com.  300  IN A 93.184.215.14\n' }],
  ping: () => [{ out: 'PING\n' }, { pause: 60_000 }],
  curl: () => [{ out: lines }],
  dd: () => [{ out: 'written\n' }],
}

async function open(policy = policyText) {
  await redis.empty()
  const cluster = fakeCluster('dev', tools)
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy }
  return { ...(await openTeamsFlow(options, atEnd)), cluster }
}

test('a mention in a channel is acknowledged and run, and its output is in the thread of its card', async () => {
  const { inTeams, showsInTeams, teams, cluster } = await open()
  expect((await inTeams.say(ids.alice, 'shell node001 dig example.com')).status).toBe(200)
  const message = await showsInTeams(/Done, exit code 0.*dig example\.com on node\/node001/)
  expect(read(message.card)).not.toContain('93.184.215.14')
  expect(read(message.replies[0]?.card ?? {})).toContain('example.com.  300  IN A 93.184.215.14')
  // It begins a thread of its own in the channel.
  expect(message.thread).toBe(message.id)
  expect(message.summary).toMatch(/^Done, exit code 0/)
  expect([...buttonsOf(message.card).keys()]).toEqual(['rerun', 'rerun-with'])
  expect(inChannels(teams.state.messages)).toHaveLength(1)
  expect(cluster.live.size).toBe(0)
  await inTeams.say(ids.bob, 'dig +short "a & b < c"', { thread: message.thread ?? '' })
  await showsInTeams(/Done.*dig \+short 'a & b < c' on node\/node001/)
  expect(message.replies).toHaveLength(2)
})

test('personal and group chats get replies too; a repeated delivery runs once', async () => {
  const { inTeams, showsInTeams, cluster } = await open()
  await inTeams.say(ids.alice, 'shell node001 dig one.example', { conversation: 'a:alice', id: 'm1' })
  await inTeams.say(ids.alice, 'shell node001 dig one.example', { conversation: 'a:alice', id: 'm1' })
  const own = await showsInTeams(/exit code 0.*one\.example/)
  await inTeams.say(ids.alice, 'shell node001 dig two.example', { conversation: '19:group@thread.v2' })
  const group = await showsInTeams(/exit code 0.*two\.example/)
  expect(group.conversation).toBe('19:group@thread.v2')
  // These chats have no threads: one message shows everything.
  for (const message of [own, group]) {
    expect(read(message.card)).toContain('93.184.215.14')
    expect(message.replies).toEqual([])
  }
  expect(cluster.launched).toHaveLength(2)
})

test('in a thread the answer is one message there; lists are shown to their person alone', async () => {
  const { inTeams, showsInTeams } = await open()
  await inTeams.say(ids.alice, 'shell node001 dig example.com', { thread: '1690000000001' })
  const message = await showsInTeams(/exit code 0/)
  expect(message).toMatchObject({ thread: '1690000000001', replies: [] })
  expect(read(message.card)).toContain('93.184.215.14')
  await inTeams.say(ids.alice, 'nodes')
  expect((await showsInTeams(/Nodes of dev/)).only).toBe(ids.alice)
})

test('a result whose message was deleted is posted again; where the channel takes none, its person gets it', async () => {
  const { inTeams, showsInTeams, teams } = await open()
  const running = async () => {
    await inTeams.say(ids.alice, 'shell node001 ping 10.0.0.1')
    return showsInTeams(/Running: ping[\s\S]*PING/)
  }
  const first = await running()
  teams.state.messages = teams.state.messages.filter(({ id }) => id !== first.id)
  await inTeams.press(ids.alice, first, 'cancel')
  const second = await showsInTeams(/Canceled by alice/)
  expect(second.conversation).toBe(first.conversation)
  expect(read(second.card)).toContain('PING')
  const third = await running()
  const refusal = { error: { code: 'Forbidden', message: 'the bot was removed' } }
  teams.misbehave((what) => (what.includes(encodeURIComponent(incident)) ? { status: 403, body: refusal } : undefined))
  await inTeams.press(ids.alice, third, 'cancel')
  const direct = await showsInTeams(/Canceled by alice[\s\S]*PING/)
  await waitUntil(
    'the person has it',
    async () => (await showsInTeams(/Canceled by alice/)).conversation === `a:${ids.alice}`,
  )
  expect(direct.card).toBeDefined()
})

test('T01 activities that the Bot Framework didn’t sign for this bot are refused', async () => {
  const { inTeams, teams, cluster } = await open()
  const text = 'shell node001 dig example.com'
  const forged = teams.sign().replace(/\.[^.]*$/, `.${'A'.repeat(342)}`)
  const seconds = Math.floor(Date.now() / 1_000)
  for (const token of [
    '',
    'nonsense',
    forged,
    teams.sign({ aud: 'another-app' }),
    teams.sign({ iss: 'https://evil.example' }),
    teams.sign({ exp: seconds - 3_600, nbf: seconds - 7_200 }),
    teams.sign({ serviceurl: 'https://evil.example' }),
  ]) {
    expect((await inTeams.say(ids.alice, text, { token })).status).toBe(401)
  }
  // The token is valid, but replies, and our own token with them, would go to another service address.
  expect((await inTeams.say(ids.alice, text, { serviceUrl: 'https://evil.example' })).status).toBe(401)
  expect((await inTeams.say(ids.alice, text, { channelId: 'emulator' })).status).toBe(400)
  expect(cluster.launched).toEqual([])
  expect(teams.state.messages).toEqual([])
})

test('T04 people of another tenant, guests and unknown accounts are refused, and only they see the refusal', async () => {
  const { inTeams, showsInTeams, cluster } = await open()
  await inTeams.say(ids.guest, 'shell node001 dig example.com')
  expect((await showsInTeams(/I could not do that/)).only).toBe(ids.guest)
  await inTeams.say(ids.alice, 'shell node001 dig example.com', { tenant: other })
  await showsInTeams(/other workspaces and tenants/)
  await inTeams.say(ids.carol, 'shell node001 dig example.com')
  await waitUntil('Carol is refused', async () => (await showsInTeams(/I could not do that/)).only === ids.carol)
  expect(cluster.launched).toEqual([])
})

test('only approvers get the buttons to approve or deny; a request from Slack is approved in Teams, and nobody approves twice', async () => {
  const policy = policyText
    .replace(
      "approval: { from: ['group:leads'] }",
      `approval: { from: ['group:leads'], announce: 'teams:channel/${incident}' }`,
    )
    .replace('grants:', "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }")
  const { inTeams, showsInTeams, people, shows, cluster } = await open(policy)
  // Teams has to send one activity first: the bot can't post to a conversation before that.
  await inTeams.say(ids.bob, 'version')
  await showsInTeams(/shell image/)
  await people.command('U0ALICE', 'shell -w --reason full node001 dd if=/dev/zero of=/host/x')
  const card = await showsInTeams(/Needs approval/)
  expect(card.thread).toBe(card.id)
  expect([...buttonsOf(card.card).keys()]).toEqual(['refresh', 'cancel'])
  expect([...buttonsOf(await inTeams.view(ids.carol, card)).keys()]).toEqual(['refresh', 'cancel'])
  expect([...buttonsOf(await inTeams.view(ids.alice, card)).keys()]).toEqual(['refresh', 'cancel'])
  const bobs = await inTeams.view(ids.bob, card)
  expect([...buttonsOf(bobs).keys()]).toEqual(['approve', 'deny'])
  // T14: the same person in another chat.
  await inTeams.press(ids.alice, card, 'approve', {}, bobs)
  await showsInTeams(/requested this yourself/)
  await inTeams.press(ids.carol, card, 'approve', {}, bobs)
  await showsInTeams(/There is no request \w+ that you can decide/)
  expect(cluster.launched).toEqual([])
  expect(JSON.parse((await inTeams.press(ids.bob, card, 'approve', {}, bobs)).body)).toMatchObject({ statusCode: 200 })
  await showsInTeams(/Approved: dd/)
  await shows(/exit code 0/)
  expect(cluster.launched).toHaveLength(1)
})

test('a request is denied with a reason', async () => {
  const policy = policyText.replace(
    'grants:',
    "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }",
  )
  const { inTeams, showsInTeams } = await open(policy)
  await inTeams.say(ids.alice, 'shell -w node001 dd if=/dev/zero of=/host/x')
  const card = await showsInTeams(/Needs approval/)
  await inTeams.press(ids.bob, card, 'deny', { reason: 'not "now"; `later`' }, await inTeams.view(ids.bob, card))
  await showsInTeams(/Denied by: "bob" \(.*: "not now ; later"/)
  const told = (await showsInTeams(/Your request was denied: dd/)).replies.at(-1) ?? card
  expect([told.thread, JSON.stringify(told.card['msteams'])]).toEqual([card.thread, expect.stringContaining(ids.alice)])
})

test('long output: the card shows its end, further pages and lines are shown on request, and nothing runs again', async () => {
  const { inTeams, showsInTeams, cluster } = await open()
  await inTeams.say(ids.alice, 'shell node001 curl http://10.0.0.1/')
  const message = await showsInTeams(/exit code 0/)
  expect(readThread(message)).toMatch(/line 900 fine/)
  await inTeams.press(ids.bob, message, 'output')
  await inTeams.press(ids.bob, await showsInTeams(/page 1 of 3/), 'output')
  await showsInTeams(/page 2 of 3/)
  await inTeams.press(ids.bob, message, 'filter', { words: 'error' })
  expect(readThread(await showsInTeams(/9 of 900 lines contain "error"/))).toContain('line 8 ERROR')
  expect(cluster.launched).toHaveLength(1)
  await inTeams.press(ids.alice, message, 'rerun-with', { command: 'shell node002 dig other.example' })
  await showsInTeams(/exit code 0.*other\.example on node\/node002/)
})

test('a run is canceled by its button; the last edit is final, whatever Teams answers to earlier ones', async () => {
  const { inTeams, showsInTeams, teams } = await open()
  let refused = 0
  teams.misbehave((what) => {
    if (!what.startsWith('PUT') || refused >= 3) return undefined
    refused += 1
    return [{ status: 429, headers: { 'retry-after': '1' } }, { status: 412 }, { status: 502 }][refused - 1]
  })
  await inTeams.say(ids.alice, 'shell node001 ping 10.0.0.1')
  await inTeams.press(ids.alice, await showsInTeams(/Running/), 'cancel')
  const ended = await showsInTeams(/Canceled after/)
  expect(read(ended.card)).toContain('Canceled by alice')
  expect(refused).toBe(3)
  expect(inChannels(teams.state.messages)).toHaveLength(1)
})

test('a run from Teams can be run again in Slack by the same person', async () => {
  const { inTeams, showsInTeams, people, shows } = await open()
  await inTeams.say(ids.alice, 'shell node001 dig example.com')
  const { card } = await showsInTeams(/exit code 0/)
  await people.command('U0ALICE', `rerun ${String(buttonsOf(card).get('rerun')?.['run'])}`)
  expect(Object.keys(slackButtons(await shows(/exit code 0/)))).toContain('rerun')
})

test('readiness names Teams and Entra', async () => {
  const { health, teams } = await open()
  expect(await (await fetch(`${health}/readyz`)).text()).toMatch(/ok teams\n/)
  expect(teams.state.calls.map(({ what }) => what)).toContain(`POST /${home}/oauth2/v2.0/token`)
})
