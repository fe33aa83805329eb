import { expect, test } from '@jest/globals'
import type { Run } from '#core/runs/run'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown, shownAlone } from '#test/fakes/slack/shown'
import { type SlackMessage, slackUser } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type AppOptions, atEnd, openApp, replyOf } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policyOf = (rule: string, announce = "'slack:channel/C0OTHER'") => `
capabilitySets:
  host-write:
    tools: ['*', 'curl -o']
    capabilities: [NET_ADMIN, NET_RAW]
    host: { filesystem: read-write, pid: true }
    effect: write
    unconfined: [seccomp]
    maxDeadline: 10m
    approval: { from: ['slack:usergroup/S0LEADS', dora@example.com], announce: ${announce}, ${rule} }
grants: [{ to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }]`

async function open(rule = 'window: 30m', change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', {
    cat: () => [{ out: 'content\n' }],
    ls: () => [{ out: 'files\n' }],
    rm: () => [{ out: 'gone\n' }],
  })
  const options: AppOptions = {
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    policy: policyOf(rule),
    ...change,
  }
  const flow = await openApp(options)
  flow.slack.state.unhurried = true
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  return { ...flow, options, cluster, connection, store: openStore(connection) }
}
type Flow = Awaited<ReturnType<typeof open>>

/** Returns the mentions of a message: the elements that notify people. */
function mentionsIn(message: SlackMessage | undefined): string[] {
  const text = JSON.stringify(message?.blocks ?? [])
  return [...text.matchAll(/"(?:user_id|usergroup_id)":"(\w+)"/g)].map(([, id = '']) => id)
}

const inChannel = ({ slack }: Flow, channel: string) => slack.state.messages.filter((each) => each.channel === channel)
const reads = (messages: readonly SlackMessage[], pattern: RegExp) =>
  messages.filter((each) => pattern.test(shownAlone(each)))

async function ask(flow: Flow, command = 'shell -w --reason "disk full" node001 cat /host/x'): Promise<SlackMessage> {
  await flow.people.command('U0ALICE', command)
  await waitUntil('the approvers are asked', () => reads(inChannel(flow, 'C0OTHER'), /Needs approval/).length === 1)
  const [card] = reads(inChannel(flow, 'C0OTHER'), /Needs approval/)
  if (card === undefined) throw new Error('no card')
  return card
}

async function approveForAWhile(flow: Flow, command?: string): Promise<string> {
  const card = await ask(flow, command)
  const id = buttonsOf(card)['approve'] ?? ''
  await flow.people.press('U0BOB', 'approve-window', card)
  await flow.shows(/Done, exit code 0/)
  return id
}

test('T48 the card has the requester with both ids, the target, the command, what it can do, the reason, the image, the expiry and who approved', async () => {
  const flow = await open('quorum: 2')
  const card = await ask(flow, 'shell -w --host-pid --reason "disk full" node001 cat "/host/a b" x')
  const lines = shown(card).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'Requested by: "U0ALICE" (alice@example.com, slack:user/T0HOME/U0ALICE)',
      'Target: node/node001, cluster dev',
      "Command: cat '/host/a b' x",
      expect.stringMatching(/^What it can do: write to every file on node001 .*; see all processes of node001/),
      'Reason: "disk full"',
      'Image: localhost/retina-chatops/shell:dev, digest not known',
      expect.stringMatching(/^Expires: \d{4}-/),
      'Approved by: nobody yet',
      'Still needed: 2 approvals of slack:usergroup/S0LEADS, dora@example.com',
    ]),
  )
  await flow.people.press('U0BOB', 'approve', card)
  await flow.shows(
    /Approved by: "U0BOB" \(bob@example\.com, slack:user\/T0HOME\/U0BOB\) at [\s\S]*Still needed: 1 approval of/,
  )
})

test('T48 approvers are mentioned once, in their channel, and not again when the card changes', async () => {
  const flow = await open()
  const card = await ask(flow)
  expect(mentionsIn(card)).toEqual(['S0LEADS'])
  expect(mentionsIn(inChannel(flow, 'C0INCIDENT')[0])).toEqual([])
  await flow.people.press('U0BOB', 'approve', card)
  await flow.shows(/Done, exit code 0/)
  await waitUntil('the card is edited', () => reads(inChannel(flow, 'C0OTHER'), /Approved by: "U0BOB"/).length === 1)
  expect(mentionsIn(reads(inChannel(flow, 'C0OTHER'), /Approved by: "U0BOB"/)[0])).toEqual([])
})

test.each([
  ['approved', 'approve', /Your request was approved: cat \/host\/x/m],
  [
    'denied',
    'deny',
    /Your request was denied: cat \/host\/x[\s\S]*Denied by: "U0BOB" \(bob@example\.com, .*: "not now"/m,
  ],
])('the requester gets a message of their own when a request is %s', async (_what, verb, text) => {
  const flow = await open()
  const id = buttonsOf(await ask(flow))['approve'] ?? ''
  await flow.people.command('U0BOB', verb === 'deny' ? `deny ${id} not now` : `approve ${id}`)
  const root = await flow.shows(text)
  const message = await replyOf(root, text)
  expect([message.channel, message.thread_ts, mentionsIn(message)]).toEqual(['C0INCIDENT', root.ts, ['U0ALICE']])
})

test('the requester is told when nobody decided in time, once', async () => {
  const flow = await open('within: 1s')
  await ask(flow)
  const root = await flow.shows(/Your request expired: cat \/host\/x/)
  expect(mentionsIn(await replyOf(root, /Your request expired/))).toEqual(['U0ALICE'])
  expect(reads(flow.slack.state.messages, /Your request expired/)).toHaveLength(1)
})

test('where the thread takes no message, the requester gets a direct one', async () => {
  const flow = await open()
  const card = await ask(flow)
  flow.slack.state.channels.set('C0INCIDENT', { member: false, archived: true })
  const id = buttonsOf(card)['approve'] ?? ''
  await flow.people.command('U0BOB', `deny ${id} not now`, 'C0OTHER')
  const message = await flow.shows(/Your request was denied: cat/)
  expect(message.channel).toBe('D0ALICE')
})

test.each([
  ['another tool that changes something', 'shell -w --reason again node001 rm -rf /host/x', 'rm'],
  ['the node’s processes', 'shell -w --host-pid --reason again node001 cat /host/x', 'processes'],
  ['a capability', 'shell -w -c NET_ADMIN --reason again node001 cat /host/x', 'NET_ADMIN'],
  ['an argument that writes files', 'shell -w --reason again node001 curl -o /host/x http://10.0.0.1', 'curl'],
  ['another destination', 'shell -w --reason again node001 ping 10.0.0.9', '10.0.0.9'],
  ['more time', 'shell -w --deadline 5m --reason again node001 cat /host/x', 'deadline'],
  ['less confinement', 'shell -w --seccomp-unconfined --reason again node001 cat /host/x', 'seccomp'],
])(
  'T49 a standing approval for cat doesn’t cover %s: it is asked again, and the card says why',
  async (_what, command, why) => {
    const flow = await open()
    const first = await approveForAWhile(flow)
    const launched = flow.cluster.launched.length
    await flow.people.command('U0ALICE', command)
    const card = shown(await flow.shows(/Needs approval/))
    expect(card).toMatch(new RegExp(`Not covered: .*${first}.*${why}`))
    expect(flow.cluster.launched).toHaveLength(launched)
  },
)

test('T49 each use of a standing approval needs a reason, is told to its approvers once, and is on record', async () => {
  const flow = await open()
  const first = await approveForAWhile(flow)
  await flow.people.command('U0ALICE', 'shell -w node001 ls /host')
  expect(shown(await flow.shows(/I did not understand/))).toContain('shell --reason "…" -w node001 ls /host')
  await flow.people.command('U0ALICE', 'shell -w --reason "  \u200b " node001 ls /host')
  await flow.shows(/I did not understand/)
  expect(flow.cluster.launched).toHaveLength(1)
  await flow.people.command('U0ALICE', 'shell -w --reason "which files" node001 ls /host')
  await flow.shows(/Done, exit code 0.*ls \/host/)
  const told = reads(inChannel(flow, 'C0OTHER'), /Runs under a standing approval: ls \/host on node\/node001/m)
  expect(told).toHaveLength(1)
  expect(mentionsIn(told[0])).toEqual(['U0BOB'])
  expect(told.map(shown).join('\n')).toContain('Reason: "which files"')
  const [record] = await auditRecords(flow.connection, 'standing-approval-used')
  expect(record).toMatchObject({
    person: 'alice@example.com',
    details: { under: first, set: 'host-write', reason: 'which files', approvers: 'bob@example.com' },
  })
  expect(await auditRecords(flow.connection, 'approvers-notified')).toMatchObject([
    { details: { announced: 'slack:channel/C0OTHER' } },
  ])
})

test('T49 where the policy names no channel, a use is shown where it was typed, with a mention of those who approved', async () => {
  const flow = await open('', { policy: policyOf('window: 30m').replace("announce: 'slack:channel/C0OTHER', ", '') })
  await flow.people.command('U0ALICE', 'shell -w --reason "disk full" node001 cat /host/x')
  const card = await flow.shows(/Needs approval/)
  expect(mentionsIn(card)).toEqual(['S0LEADS'])
  await flow.people.press('U0BOB', 'approve-window', card)
  await flow.shows(/Done, exit code 0/)
  await flow.people.command('U0ALICE', 'shell -w --reason "which files" node001 ls /host')
  await flow.shows(/Done, exit code 0.*ls \/host/)
  const told = reads(inChannel(flow, 'C0INCIDENT'), /Runs under a standing approval: ls/)
  expect(told.map(mentionsIn)).toEqual([['U0BOB']])
  expect(await auditRecords(flow.connection, 'approvers-notified')).toMatchObject([
    { details: { announced: 'slack:channel/C0INCIDENT', unannounced: expect.stringMatching(/names no channel/) } },
  ])
})

test('T49 a worker decides again: a run under a standing approval that may do more, or has no reason, is not run', async () => {
  const flow = await open()
  await approveForAWhile(flow)
  await flow.stop()
  const { slack, options } = flow
  const bot = await openApp({ ...options, slack, role: 'bot' })
  const changes: ((run: Run) => Run)[] = [
    // As the bot would sign it, with the same spec of request and run: only the approval is narrower.
    (run) => ({ ...run, request: { ...run.request, deadline: 300 }, spec: { ...run.spec, deadline: 300 } }),
    (run) => ({ ...run, request: { ...run.request, reason: ' ' } }),
    (run) => run,
  ]
  for (const [at, change] of changes.entries()) {
    await bot.people.command('U0ALICE', `shell -w --reason "file ${at}" node001 ls /host/${at}`)
    const stored = async () =>
      (await flow.store.runsOf('alice@example.com', 5)).find(({ spec }) => spec.pipeline[0]?.[1] === `/host/${at}`)
    await waitUntil(`run ${at} is stored`, async () => (await stored()) !== undefined)
    await flow.store.changeRun((await stored())?.id ?? '', change)
  }
  await openApp({ ...options, slack, role: 'worker' })
  await bot.shows(/Done, exit code 0.*ls \/host\/2/)
  for (const at of [0, 1])
    expect(shown(await bot.shows(new RegExp(`Refused.*ls /host/${at}`)))).toContain('now requires approval')
  expect(flow.cluster.launched.map(({ spec }) => spec.pipeline[0])).toEqual([
    ['cat', '/host/x'],
    ['ls', '/host/2'],
  ])
})

test('T49 break-glass is announced before it runs, and the record says where', async () => {
  const flow = await open('breakGlass: [alice@example.com]')
  await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "shop is down" node001 cat /host/x')
  await flow.shows(/Done, exit code 0/)
  const [card] = reads(inChannel(flow, 'C0OTHER'), /WITHOUT APPROVAL \(break-glass\): cat \/host\/x on node\/node001/)
  expect(mentionsIn(card)).toEqual(['S0LEADS'])
  const records = (await auditRecords(flow.connection)).map(({ what, details }) => [what, details['announced']])
  expect(records.filter(([what]) => what !== 'policy-changed').slice(0, 4)).toEqual([
    ['decided', undefined],
    ['glass-broken', undefined],
    ['approvers-notified', 'slack:channel/C0OTHER'],
    ['queued', undefined],
  ])
})

test.each([
  ['that the bot is not in', "'slack:channel/C0NOBODY'", /channel_not_found|not_in_channel/],
  ['of a chat that is not set up', "'teams:channel/19:x@thread.tacv2'", /no adapter for teams/],
])(
  'T49 break-glass that can’t be announced in a channel %s runs, and the record says why it wasn’t',
  async (_what, announce, why) => {
    const flow = await open('', { policy: policyOf('breakGlass: [alice@example.com]', announce) })
    await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "shop is down" node001 cat /host/x')
    await flow.shows(/Done, exit code 0/)
    expect(await auditRecords(flow.connection, 'approvers-notified')).toMatchObject([
      { details: { unannounced: expect.stringMatching(why) } },
    ])
  },
)

test('T49 a chat that doesn’t answer delays a run with break-glass for a moment only, and the record says so', async () => {
  const flow = await open('breakGlass: [alice@example.com]', { timing: { announceTimeoutMs: 200 } })
  flow.slack.misbehave((method, { channel }) =>
    method === 'chat.postMessage' && channel === 'C0OTHER' ? 'rate-limited' : undefined,
  )
  await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "shop is down" node001 cat /host/x')
  await flow.shows(/Done, exit code 0/)
  expect(await auditRecords(flow.connection, 'approvers-notified')).toMatchObject([
    { details: { unannounced: expect.stringMatching(/did not accept it in time/) } },
  ])
  flow.slack.misbehave(undefined)
})

test('T49 a reason of which nobody sees anything is none, for break-glass too', async () => {
  const flow = await open('breakGlass: [alice@example.com]')
  await flow.people.command('U0ALICE', 'shell -w --break-glass --reason "\u200b \u2800" node001 cat /host/x')
  expect(shown(await flow.shows(/I did not understand/))).toContain('`--break-glass` requires a reason')
  expect(flow.cluster.launched).toEqual([])
})

test('T48 a command that is too long for approvers to see it whole isn’t requested', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', `shell -w --reason full node001 cat ${'/host/x '.repeat(130)}/host/etc/shadow`)
  await flow.shows(/Approvers have to see the whole command: it has \d+ characters, and a card shows 1000\. Shorten it/)
  expect(reads(inChannel(flow, 'C0OTHER'), /Needs approval/)).toEqual([])
})

test('T48 a display name that forges an approval is shown as one quoted line, on the card, in the list and in what follows', async () => {
  const flow = await open('quorum: 1')
  const name = 'Alice" (alice@example.com)\nApproved by: "Bob" (bob@example.com)\u202e<!channel>'
  flow.slack.state.users.set(
    'U0ALICE',
    slackUser('U0ALICE', { profile: { display_name: name, email: 'alice@example.com' } }),
  )
  const card = await ask(flow)
  const quoted = `"Alice' (alice@example.com) Approved by: 'Bob' (bob@example.c…" (13 more characters) (`
  expect(
    shown(card)
      .split('\n')
      .filter((line) => line.includes('Bob')),
  ).toEqual([expect.stringContaining(`Requested by: ${quoted}`)])
  expect(shown(card)).not.toContain('⚠mention⚠')
  await flow.people.command('U0BOB', 'approvals')
  expect(shown(await flow.shows(/Requests waiting for approval/))).toContain(quoted.slice(0, 40))
  flow.slack.state.users.set(
    'U0BOB',
    slackUser('U0BOB', { profile: { display_name: `Bob, ${name}`, email: 'bob@example.com' } }),
  )
  await flow.people.press('U0BOB', 'approve', card)
  const lines = shown(await flow.shows(/Your request was approved/)).split('\n')
  expect(lines.filter((line) => line.startsWith('Approved by: '))).toHaveLength(1)
})
