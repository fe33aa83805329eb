import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown, shownAlone } from '#test/fakes/slack/shown'
import type { SlackMessage } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { lines, sampleTools } from './sample-tools.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

async function open(change: Partial<AppOptions> = {}): Promise<App & { cluster: FakeCluster }> {
  await redis.empty()
  const cluster = fakeCluster('dev', sampleTools)
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change })
  return { ...flow, cluster }
}

/** Returns the only message in the thread of a message. */
function reply(message: SlackMessage): SlackMessage {
  expect(message.replies).toHaveLength(1)
  const [only] = message.replies
  if (only === undefined) throw new Error('there is no reply')
  return only
}

test('in a channel, a run is one short message with its result, and its output is in the thread', async () => {
  const { people, shows, slack, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  const root = await shows(/Done, exit code 0.*dig example\.com on node\/node001/)
  const id = cluster.launched[0]?.id ?? ''
  expect(inChannels(slack.state.messages)).toEqual([root])
  expect(root.thread_ts).toBeUndefined()
  // The result, what ran where for whom, and the buttons.
  expect(shownAlone(root).split('\n')).toHaveLength(3)
  expect(shownAlone(root)).toContain(`U0ALICE · cluster dev · run ${id}`)
  expect(shownAlone(root)).not.toContain('93.184.215.14')
  expect(reply(root)).toMatchObject({ channel: root.channel, thread_ts: root.ts })
  expect(shownAlone(reply(root))).toMatch(/^dig example\.com on node\/node001\n/)
  expect(shownAlone(reply(root))).toContain('example.com. 300 IN A 93.184.215.14')
  expect(shownAlone(reply(root))).toContain('set probe')
})

test('while a tool runs, its output is in the thread, and the message in the channel says that it runs', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const root = await shows(/Running: ping -c 5 10\.0\.0\.1 on node\/node001/)
  await waitUntil('the output is there', () => root.replies.length === 1)
  expect(shownAlone(reply(root))).toMatch(/PING\n\(?running for/)
  expect(Object.keys(buttonsOf({ blocks: root.blocks }))).toEqual(['cancel'])
  await people.press('U0ALICE', 'cancel', root)
  await shows(/Canceled by U0ALICE/)
  expect(shownAlone(root)).toMatch(/^:x: Canceled after .*ping[\s\S]*Canceled by U0ALICE/)
  expect(shownAlone(reply(root))).not.toContain('running for')
})

test('the ids of both messages are stored with the run', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  const root = await shows(/Done, exit code 0/)
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const run = await openStore(connection).run(cluster.launched[0]?.id ?? '')
  expect(run).toMatchObject({ threaded: true, message: { message: root.ts } })
  expect(run).toMatchObject({ outputMessage: { message: reply(root).ts, thread: root.ts } })
})

test('a command in a thread is answered there, in one message; a button of it too', async () => {
  const { people, shows, slack } = await open()
  const thread_ts = '1700000000.000100'
  await people.event(people.mentionBody('U0ALICE', 'shell node001 dig example.com', { thread_ts }))
  const message = await shows(/Done, exit code 0/)
  expect(message).toMatchObject({ thread_ts, replies: [] })
  expect(shownAlone(message)).toContain('93.184.215.14')
  await people.press('U0ALICE', 'rerun', message)
  await waitUntil('it ran again', () => slack.state.messages.filter((each) => /Done/.test(shown(each))).length === 2)
  expect(slack.state.messages.map((each) => each.thread_ts)).toEqual([thread_ts, thread_ts])
})

test('a mention in a channel is answered like a slash command', async () => {
  const { people, shows } = await open()
  await people.event(people.mentionBody('U0ALICE', 'shell node001 dig example.com'))
  const root = await shows(/Done, exit code 0/)
  expect(root.thread_ts).toBeUndefined()
  expect(shownAlone(reply(root))).toContain('93.184.215.14')
})

test('a run that is repeated by the button of a message in the channel has a message of its own there', async () => {
  const { people, shows, slack } = await open()
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await people.press('U0ALICE', 'rerun', await shows(/Done, exit code 0/))
  const roots = () => inChannels(slack.state.messages)
  await waitUntil('it ran again', () => roots().filter((each) => /Done, exit code 0/.test(shown(each))).length === 2)
  expect(roots().map(({ thread_ts, replies }) => [thread_ts, replies.length])).toEqual([
    [undefined, 1],
    [undefined, 1],
  ])
})

test('in a direct message, one message shows everything', async () => {
  const { people, shows, slack } = await open()
  slack.state.channels.set('D0ALICE', { member: true, archived: false })
  await people.command('U0ALICE', 'shell node001 dig example.com', 'D0ALICE')
  const message = await shows(/Done, exit code 0/)
  expect(message.replies).toEqual([])
  expect(shownAlone(message)).toContain('93.184.215.14')
  await people.command('U0ALICE', 'whoami', 'D0ALICE')
  expect((await shows(/You are alice/)).only).toBeUndefined()
})

test('the owner can have the output in the channel, for a platform or for one channel', async () => {
  const slackSettings = 'channels: { C0OTHER: { output: thread } }, output: channel'
  const { people, shows } = await open({ slackSettings })
  await people.command('U0ALICE', 'shell node001 dig one.example')
  const message = await shows(/Done, exit code 0.*one\.example/)
  expect(message.replies).toEqual([])
  expect(shownAlone(message)).toContain('93.184.215.14')
  await people.command('U0ALICE', 'shell node001 dig other.example', 'C0OTHER')
  expect((await shows(/Done, exit code 0.*other\.example/)).replies).toHaveLength(1)
})

test.each([
  ['help', /what can be typed|Type|tool/i],
  ['whoami', /You are alice@example\.com/],
  ['nodes', /Nodes of dev/],
  ['runs', /Your latest runs/],
  ['can-i shell node001 dig example.com', /Yes: this would run/],
  ['shell node001 digg example.com', /I did not understand that/],
  ['shell node001 iptables -nvL', /I could not do that/],
])('in a channel, the answer to "%s" is shown to the person alone', async (text, pattern) => {
  const { people, shows } = await open()
  await people.command('U0ALICE', text)
  expect(await shows(pattern)).toMatchObject({ only: 'U0ALICE' })
  const mentioned = await people.event(people.mentionBody('U0BOB', text))
  expect(mentioned.status).toBe(200)
})

test('the file with a long output is in the thread, and is mentioned only once it is there', async () => {
  const { people, shows, slack } = await open()
  let claimed = false
  slack.misbehave((method, args) => {
    if (method === 'chat.update' && args['blocks']?.includes('whole output')) claimed ||= slack.state.files.length === 0
    return undefined
  })
  await people.command('U0ALICE', 'shell node001 curl http://10.0.0.1/')
  const root = await shows(/whole output \(2000 lines/)
  expect(claimed).toBe(false)
  expect(slack.state.files).toMatchObject([{ content: lines(2_000), thread_ts: root.ts }])
  expect(shownAlone(root)).not.toContain('line 1 of many')
  expect(Object.keys(buttonsOf({ blocks: reply(root).blocks }))).toEqual(['output', 'filter'])
  await people.press('U0ALICE', 'output', root)
  await waitUntil('the page is in the thread', () => root.replies.length === 2)
})

test('where Slack takes no file, the message says how to read the rest', async () => {
  const { people, shows, slack } = await open()
  slack.misbehave((method) =>
    method === 'files.getUploadURLExternal' ? { error: 'file_uploads_disabled' } : undefined,
  )
  await people.command('U0ALICE', 'shell node001 curl http://10.0.0.1/')
  const root = await shows(/could not be attached/)
  expect(shownAlone(reply(root))).not.toContain('whole output (')
  expect(slack.state.files).toEqual([])
})

test('a result whose message was deleted is posted again, once', async () => {
  const { people, shows, slack } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const root = await shows(/Running: ping/)
  slack.state.messages = slack.state.messages.filter((message) => message !== root)
  await people.command('U0ALICE', `cancel ${buttonsOf(root)['cancel']}`)
  const second = await shows(/Canceled by U0ALICE/)
  expect(second.thread_ts).toBeUndefined()
  expect(shownAlone(second)).toContain('PING')
})

test('an output whose message was deleted is posted again in the thread', async () => {
  const { people, shows, slack } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const root = await shows(/Running: ping[\s\S]*PING/)
  const deleted = reply(root)
  root.replies.length = 0
  slack.state.messages = slack.state.messages.filter((message) => message !== deleted)
  await people.press('U0ALICE', 'cancel', root)
  await shows(/Canceled by U0ALICE[\s\S]*PING/)
})

test('a result that neither the message nor its channel takes goes to the person', async () => {
  const { people, shows, slack } = await open()
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  const root = await shows(/Running: ping[\s\S]*PING/)
  const id = buttonsOf(root)['cancel']
  slack.state.channels.set('C0INCIDENT', { member: true, archived: true })
  await people.command('U0ALICE', `cancel ${id}`, 'C0OTHER')
  const message = await shows(/Canceled by U0ALICE/)
  expect(message.channel).toBe('D0ALICE')
  expect(shownAlone(message)).toContain('PING')
})

test.each([
  ['channel_not_found', '/invite @retina'],
  ['not_in_channel', '/invite @retina'],
  ['is_archived', 'archived'],
  ['restricted_action', 'direct message'],
  ['restricted_action_read_only_channel', 'direct message'],
  ['restricted_action_thread_only_channel', 'Mention me in a thread'],
  ['no_text', 'nothing was run'],
  ['msg_too_long', 'shorter command'],
  ['token_revoked', 'owner of this bot'],
  ['brand_new_error', 'nothing was run'],
])(
  'a command whose channel refuses its message with %s is not run, and the person is told at once',
  async (error, advice) => {
    const { people, slack, cluster } = await open()
    slack.misbehave((method) => (method === 'chat.postMessage' ? { error } : undefined))
    await people.command('U0ALICE', 'shell node001 dig example.com')
    await waitUntil('the person is told', () => slack.state.ephemeral.length > 0)
    expect(slack.state.ephemeral[0]).toContain("I can't post in this channel, so nothing was run")
    expect(slack.state.ephemeral[0]).toContain(advice)
    // A channel that takes messages again doesn't get the old command.
    slack.misbehave(undefined)
    await people.command('U0ALICE', 'shell node001 dig later.example')
    await waitUntil('the later one ran', () => cluster.launched.length > 0)
    expect(cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1])).toEqual(['later.example'])
    expect(slack.state.ephemeral).toHaveLength(1)
  },
)

test('a mention whose channel refuses messages is answered in a direct message', async () => {
  const { people, shows, slack, cluster } = await open()
  slack.misbehave((method, { channel }) =>
    method.startsWith('chat.post') && channel === 'C0INCIDENT' ? { error: 'is_archived' } : undefined,
  )
  await people.event(people.mentionBody('U0ALICE', 'shell node001 dig example.com'))
  expect((await shows(/so nothing was run/)).channel).toBe('D0ALICE')
  expect(cluster.launched).toEqual([])
})
