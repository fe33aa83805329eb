import { expect, test } from '@jest/globals'
import type { InboundCommand } from '#core/ports/chat'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisInbox } from '#src/redis/inbox/inbox'
import { scriptText } from '#src/redis/script'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import { team } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, atEnd, openApp } from './app.ts'
import { acknowledged, type Deadly, useKillables } from './killable-app.ts'
import { manyNodes } from './many-nodes.ts'
import { sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const openKillable = useKillables(41)

const policy = `
capabilitySets:
  probe: { tools: [dig, ping] }
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: [bob@example.com] } }
grants: [{ to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }] }]`

async function open() {
  await redis.empty()
  const cluster = fakeCluster(
    'dev',
    {
      dig: (argv) => [{ out: `answer for ${argv[1]}\n` }],
      cat: (argv) => [{ out: `content of ${argv[1]}\n` }],
      ping: () => [{ out: 'one\n' }, { pause: 120_000 }],
    },
    manyNodes(),
  )
  const more = 'limits: { perPerson: 1000, fanOut: { confirmAbove: 100 } }'
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, more }
  const flow = await openApp(options)
  flow.slack.state.unhurried = true
  return { ...flow, cluster, options }
}

/** Does the work for each item, a few at a time, because each is a process. */
async function each<T>(all: readonly T[], work: (one: T, at: number) => Promise<void>): Promise<void> {
  const left = [...all.entries()]
  const next = async (): Promise<void> => {
    const one = left.shift()
    if (one === undefined) return
    await work(one[1], one[0])
    return next()
  }
  await Promise.all([next(), next(), next()])
}

const messagesWith = ({ slack }: App, text: string) =>
  inChannels(slack.state.messages)
    .map(shown)
    .filter((all) => all.includes(text))

const shell: readonly Deadly[] = [
  'after:inbox.accept',
  'before:inbox.verify-lease',
  'after:inbox.verify-lease',
  'after:identify-person',
  'after:count-command',
  'before:audit-decision',
  'after:audit-decision',
  'after:dry-run',
  'after:audit-queued',
  'before:reply',
  'before:save-reply',
  'after:save-reply',
  'before:save-run',
  'after:save-run',
  'before:enqueue',
  'after:enqueue',
  'after:inbox.ack',
]

test('a bot killed at any step after it accepted a command: another one queues the run once, and it gets its reply', async () => {
  const flow = await open()
  await each(shell, async (kill, at) => {
    const bot = await openKillable(flow, redis.url(), kill)
    const asking = acknowledged(bot.people.command('U0ALICE', `shell node001 dig host${at}.example`))
    await bot.dead()
    // A command whose bot dies before it replies isn't acknowledged, and still runs.
    expect([kill, await asking]).toEqual([kill, kill !== 'after:inbox.accept'])
  })
  for (const at of shell.keys()) await flow.shows(new RegExp(`Done, exit code 0.*host${at}\\.example`))
  const runs = flow.cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1])
  expect(runs.toSorted()).toEqual(shell.map((_kill, at) => `host${at}.example`).toSorted())
  for (const [at, kill] of shell.entries()) {
    const messages = messagesWith(flow, `dig host${at}.example`)
    // The one gap that can't be closed: Slack has the message, but its bot died before saving which one it is.
    expect([kill, messages.length]).toEqual([kill, kill === 'before:save-reply' ? 2 : 1])
  }
})

test('a bot killed before it has stored a command hasn’t accepted it, and the command is not run', async () => {
  const flow = await open()
  const bot = await openKillable(flow, redis.url(), 'before:inbox.accept')
  const asking = acknowledged(bot.people.command('U0ALICE', 'shell node001 dig never.example'))
  await bot.dead()
  expect(await asking).toBe(false)
  // A later command whose bot is killed after accepting it has been taken over: the first one would have been by now.
  const later = await openKillable(flow, redis.url(), 'after:inbox.accept')
  await acknowledged(later.people.command('U0ALICE', 'shell node001 dig later.example'))
  await later.dead()
  await flow.shows(/Done, exit code 0.*later\.example/)
  expect(flow.cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1])).toEqual(['later.example'])
  expect(inChannels(flow.slack.state.messages)).toHaveLength(1)
})

const approve: readonly Deadly[] = [
  'before:audit-review',
  'before:save-review',
  'after:save-review',
  'after:show-review',
  'before:audit-queued',
  'after:audit-queued',
  'after:reply-queued',
  'before:enqueue',
  'after:enqueue',
  'before:notify-requester',
  'after:notify-requester',
]

test('a bot killed at any step of an approval: another one releases the run once', async () => {
  const flow = await open()
  await each(approve, async (kill, at) => {
    await flow.people.command('U0ALICE', `shell -w node001 cat /host/file${at}`)
    const id = buttonsOf(await flow.shows(new RegExp(`Needs approval: cat /host/file${at} `)))['approve'] ?? ''
    const bot = await openKillable(flow, redis.url(), kill)
    await bot.people.command('U0BOB', `approve ${id}`)
    await bot.dead()
  })
  for (const at of approve.keys()) await flow.shows(new RegExp(`Done, exit code 0.*cat /host/file${at} `))
  expect(flow.cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1]).toSorted()).toEqual(
    approve.map((_kill, at) => `/host/file${at}`).toSorted(),
  )
  await waitUntil(
    'each requester is told once',
    () => messagesWith(flow, 'Your request was approved').length === approve.length,
  )
  // The bot that takes over doesn't tell approvers that they have approved already.
  expect(messagesWith(flow, 'I could not do that')).toEqual([])
})

const cancel: readonly Deadly[] = ['after:audit-cancel', 'before:cancel', 'after:cancel', 'after:dequeue']

test('a bot killed at any step of a cancellation: the run is still canceled', async () => {
  const flow = await open()
  await each(cancel, async (kill, at) => {
    await flow.people.command('U0ALICE', `shell node001 ping 10.0.0.${at + 1}`)
    const running = await flow.shows(new RegExp(`Running.*10\\.0\\.0\\.${at + 1} `))
    const bot = await openKillable(flow, redis.url(), kill)
    await bot.people.press('U0ALICE', 'cancel', running)
    await bot.dead()
  })
  for (const at of cancel.keys()) await flow.shows(new RegExp(`Canceled.*10\\.0\\.0\\.${at + 1} `))
  expect(messagesWith(flow, 'I could not do that')).toEqual([])
})

const press: readonly Deadly[] = ['after:inbox.accept', 'after:identify-person', 'after:save-run']

test('a button press and a denial whose bot was killed take effect once', async () => {
  const flow = await open()
  const name = (at: number) => `again${at}.example`
  for (const at of press.keys()) await flow.people.command('U0ALICE', `shell node001 dig ${name(at)}`)
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/denied')
  const id = buttonsOf(await flow.shows(/Needs approval/))['approve'] ?? ''
  await each(press, async (kill, at) => {
    const message = await flow.shows(new RegExp(`Done, exit code 0.*${name(at)}`))
    const bot = await openKillable(flow, redis.url(), kill)
    await acknowledged(bot.people.press('U0ALICE', 'rerun', message))
    await bot.dead()
  })
  const bot = await openKillable(flow, redis.url(), 'after:save-review')
  await bot.people.command('U0BOB', `deny ${id} not now`)
  await bot.dead()
  await flow.shows(/Denied: cat \/host\/denied[\s\S]*not now/)
  const ran = () => flow.cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1] ?? '').toSorted()
  await waitUntil('each ran again', () =>
    press.every((_kill, at) => ran().filter((one) => one === name(at)).length > 1),
  )
  expect(ran()).toEqual(press.flatMap((_kill, at) => [name(at), name(at)]))
})

const fanOut: readonly Deadly[] = ['after:reply', 'after:save-reply', 'after:save-fan-out', 'after:enqueue-fan-out']

test('a fan-out whose bot was killed after queueing half of its runs runs once on each node', async () => {
  const flow = await open()
  await each(fanOut, async (kill, at) => {
    const bot = await openKillable(flow, redis.url(), kill)
    await bot.people.command('U0ALICE', `shell -l pool=many dig fan${at}.example`)
    await bot.dead()
  })
  for (const at of fanOut.keys()) await flow.shows(new RegExp(`Done on 30: dig fan${at}\\.example`))
  const runs = flow.cluster.launched.map(({ spec }) => `${spec.node} ${spec.pipeline[0]?.[1]}`)
  expect(new Set(runs).size).toBe(30 * fanOut.length)
  expect(runs).toHaveLength(30 * fanOut.length)
})

test('T03 Slack’s retries during a take-over belong to the same command', async () => {
  const flow = await open()
  const bot = await openKillable(flow, redis.url(), 'after:identify-person')
  const body = flow.people.mentionBody('U0ALICE', 'shell node001 dig retried.example')
  await bot.people.event(body)
  await bot.dead()
  const again = setInterval(() => void flow.people.event(body), 200)
  await flow.shows(/Done, exit code 0/)
  clearInterval(again)
  await flow.people.event(body)
  // A later command has been carried out: a second run of the first would have been by now.
  await flow.people.command('U0ALICE', 'shell node001 dig later.example')
  await flow.shows(/Done, exit code 0.*later\.example/)
  expect(flow.cluster.launched.map(({ spec }) => spec.pipeline[0]?.[1])).toEqual(['retried.example', 'later.example'])
  expect(inChannels(flow.slack.state.messages)).toHaveLength(2)
})

test('commands that no bot handled within five minutes, or that weren’t acknowledged, are not carried out, and the person is told so', async () => {
  const flow = await open()
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const signing = createSigner(sealKey)
  const inbound = (text: string, age: number): InboundCommand => ({
    account: { platform: 'slack', team, user: 'U0ALICE' },
    thread: { platform: 'slack', team, channel: 'C0INCIDENT' },
    text,
    key: text,
    at: new Date(Date.now() - age).toISOString(),
  })
  // Leaves a command as a killed bot does when no other bot is there to take it over.
  const dead = redisInbox(connection, { signer: signing, log: silentLog })
  await dead.accept({ id: 'late', inbound: inbound('shell node001 dig late.example', 301_000) })
  await dead.accept({ id: 'fresh', inbound: inbound('shell node001 dig fresh.example', 200_000) })
  await dead.close()
  const unsure = inbound('shell node001 dig unsure.example', 1_000)
  const keys = ['claim:unsure', 'command:unsure', 'command-lease:unsure', 'commands', 'claim:unsure']
  const text = signing.sign('retina:command:unsure', JSON.stringify(unsure))
  await connection.eval(
    scriptText('store-command'),
    5,
    ...keys.map((key) => `retina:${key}`),
    'unsure',
    'dead',
    text,
    60,
    100,
    3,
  )
  expect(shown(await flow.shows(/You typed: shell node001 dig late/))).toContain('down for more than five minutes')
  expect(shown(await flow.shows(/You typed: shell node001 dig unsure/))).toContain('interrupted just as this came in')
  await flow.shows(/Done, exit code 0.*fresh\.example/)
  expect(flow.cluster.launched).toHaveLength(1)
})
