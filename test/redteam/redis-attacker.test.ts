import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Traced } from '#core/runs/trace-steps'
import { freePort } from '#dev/machine/free-port'
import { connectRedis } from '#src/redis/connection'
import { familyOf } from '#src/redis/keys'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { useRedis } from '#test/environment/redis'
import { type FakeCluster, fakeCluster } from '#test/fakes/cluster'
import { startFakeSlack } from '#test/fakes/slack/server'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { newWorkspace, slackUser } from '#test/fakes/slack/state'
import { type App, openApp } from '#test/flow/app'
import { sealKey } from '#test/flow/settings'
import { waitFor } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'
import { type Attack, attackRedis, attacks, type Snapshot, takeSnapshot } from './redis-attacker.ts'

// An attacker who can read, change, delete, put back and swap everything in Redis at any step, and has no key of the
// program. Whatever is done: only what was asked, approved and recorded is launched, once; and no output is shown as
// evidence that isn't what the tool wrote.

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [dig] }
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write, approval: { from: ['group:leads'], quorum: 2, within: 15m } }
groups: { leads: [bob@example.com, dora@example.com] }
grants: [{ to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }] }]`

const answers = {
  dig: (argv: readonly string[]) => [{ out: `answer for ${argv[1]}\n` }],
  cat: (argv: readonly string[]) => [{ out: `content of ${argv[1]}\n` }],
}

type Scenario = {
  name: string
  /** Commands that may be launched, each with how often, and whether the disk is writable. */
  allowed: Readonly<Record<string, number>>
  act: (app: Opened) => Promise<void>
}
/** `seen`: pages that were opened. */
type Opened = App & { cluster: FakeCluster; seen: string[] }

/** Waits until a message reads like this, or for a moment: an attack may have ended what is waited for. */
const settle = (app: Opened, pattern: RegExp) => app.shows(pattern, 1.5).catch(() => undefined)
const press = async (app: Opened, user: string, action: 'rerun' | 'link', pattern: RegExp) => {
  const message = await settle(app, pattern)
  if (message !== undefined && buttonsOf(message)[action] !== undefined) await app.people.press(user, action, message)
}
const requestOf = async (app: Opened) => buttonsOf((await settle(app, /Needs approval/)) ?? newMessage)['approve'] ?? ''
const newMessage = { channel: '', ts: '', text: '', blocks: [] }
const write = 'shell -w node001 cat /host/x'

const scenarios: readonly Scenario[] = [
  {
    name: 'a run',
    allowed: { 'dig one.example on node001': 1 },
    async act(app) {
      await app.people.command('U0ALICE', 'shell node001 dig one.example')
      await settle(app, /Done, exit code 0.*one\.example/)
      await app.people.command('U0ALICE', 'runs')
    },
  },
  {
    name: 'a request with one approval of two',
    allowed: {},
    async act(app) {
      await app.people.command('U0ALICE', write)
      const id = await requestOf(app)
      await app.people.command('U0BOB', `approve ${id}`)
      await settle(app, /Approved by: "/)
      await app.people.command('U0BOB', `approve ${id}`)
      await app.people.command('U0ALICE', `approve ${id}`)
      await settle(app, /You asked for this yourself/)
    },
  },
  {
    name: 'a request with both approvals',
    allowed: { 'cat /host/x on node001 writing': 1 },
    async act(app) {
      await app.people.command('U0ALICE', write)
      const id = await requestOf(app)
      await app.people.command('U0BOB', `approve ${id}`)
      await settle(app, /Approved by: "/)
      await app.people.command('U0DORA', `approve ${id}`)
      await settle(app, /Done, exit code 0/)
    },
  },
  {
    name: 'a warm session',
    allowed: { 'dig one.example on node001': 1, 'dig two.example on node001': 1 },
    async act(app) {
      await app.people.command('U0ALICE', 'shell node001 dig one.example')
      await settle(app, /Done, exit code 0.*one\.example/)
      await app.people.command('U0ALICE', 'shell node001 dig two.example')
      await settle(app, /Done, exit code 0.*two\.example/)
    },
  },
  {
    name: 'a fan-out',
    allowed: { 'dig one.example on node001': 1, 'dig one.example on node002': 1 },
    async act(app) {
      await app.people.command('U0ALICE', 'shell nodes -l pool dig one.example')
      await settle(app, /Done on 2/)
    },
  },
  {
    name: 'a run that is repeated',
    allowed: { 'dig one.example on node001': 2 },
    async act(app) {
      await app.people.command('U0ALICE', 'shell node001 dig one.example')
      await press(app, 'U0ALICE', 'rerun', /Done, exit code 0.*one\.example/)
      const runsTwice = () => (app.cluster.launched.length === 2 ? true : undefined)
      await waitFor('it runs again', runsTwice, { seconds: 1.5 }).catch(() => undefined)
    },
  },
  {
    name: 'a link to a page',
    allowed: { 'dig one.example on node001': 1 },
    async act(app) {
      await app.people.command('U0ALICE', 'shell node001 dig one.example')
      await press(app, 'U0ALICE', 'link', /Done, exit code 0.*one\.example/)
      const pattern = /\/runs\/([a-z0-9]+)#([\w-]+)/
      const find = () =>
        app.slack.state.messages.map(({ blocks }) => pattern.exec(JSON.stringify(blocks))).find((each) => each !== null)
      const [, run, token] = (await waitFor('a link', find, { seconds: 1.5 }).catch(() => undefined)) ?? []
      if (run === undefined) return
      const body = JSON.stringify({ run, token })
      const headers = { 'content-type': 'application/json', origin: app.base.replace('127.0.0.1', 'localhost') }
      const answer = await fetch(`${app.base}/runs/look`, { method: 'POST', headers, body })
      const page = await answer.text()
      app.seen.push(page)
      expectGenuine(page)
    },
  },
]

/** An output is what the tools write, or marked as changed. */
function expectGenuine(text: string): void {
  if (/differs from what was recorded/.test(text)) return
  for (const [line] of text.matchAll(/answer for [^\s"\\`]*/g)) expect(line).toMatch(/^answer for (one|two)\.example$/)
}

type Case = { scenario: number; attack: Attack; step: number; which: number; where: number; times: number }

async function tryCase({ scenario: at, step: attackAt, times, ...given }: Case): Promise<void> {
  await redis.empty()
  const scenario = scenarios[at]
  if (scenario === undefined) throw new Error('no such scenario')
  const attacker = connectRedis(redis.url(), silentLog)
  const earlier: Snapshot[] = []
  const done: string[] = []
  const unknown = new Set<string>()
  let steps = 0
  const span: Traced = async (_run, _step, work) => {
    steps += 1
    if (steps % 3 === 0) earlier.push(await takeSnapshot(attacker))
    if (steps >= attackAt && steps < attackAt + times) {
      const what = await attackRedis(attacker, earlier, given)
      if (what !== undefined) done.push(`step ${steps}: ${what}`)
    }
    return work()
  }
  const slack = await startFakeSlack({ ...newWorkspace(), unhurried: true })
  slack.state.users.set('U0DORA', slackUser('U0DORA', { email: 'dora@example.com', real_name: 'Dora' }))
  const cluster = fakeCluster('dev', answers)
  const port = await freePort()
  const app = await openApp({
    ...{ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, span, slack, port, keep: true },
    ...{ ready: 'keep: 5m', more: `pages: { url: 'http://localhost:${port}' }` },
  })
  const opened = { ...app, cluster, seen: [] }
  try {
    await scenario.act(opened)
    for (const key of await attacker.keys('*'))
      if (familyOf(key.replace(/^retina:/, '')) === undefined) unknown.add(key)
    const launched = [...cluster.launched, ...cluster.entered].map(({ spec }) =>
      [
        spec.pipeline.map((argv) => argv.join(' ')).join(' | '),
        `on ${spec.node}`,
        ...(spec.host.filesystem === 'none' ? [] : ['writing']),
      ].join(' '),
    )
    const counts = Object.fromEntries([...Map.groupBy(launched, (each) => each)].map(([key, all]) => [key, all.length]))
    for (const [what, count] of Object.entries(counts))
      if (count > (scenario.allowed[what] ?? 0)) throw new Error(`${what} was launched ${count} times`)
    for (const message of slack.state.messages) expectGenuine(shown(message))
    expect([...unknown]).toEqual([])
    const audit = await redisAuditLog(attacker, sealKey).verify()
    // Asked last: the attack may come while the log is read.
    const isAuditUntouched = done.every((what) => !what.includes('retina:audit'))
    if (isAuditUntouched) expect(audit).toEqual({ records: expect.any(Number) })
    if (times === 0) expect(counts).toEqual(scenario.allowed)
    if (times === 0 && scenario.name === 'a link to a page')
      expect(opened.seen.join()).toContain('answer for one.example')
  } catch (error) {
    throw new Error(`${scenario.name}, after ${done.join('; ')}: ${String(error)}`)
  } finally {
    await app.end()
    await slack.close()
    attacker.disconnect()
  }
}

const part = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const cases = fc.record({
  scenario: fc.nat({ max: scenarios.length - 1 }),
  attack: fc.constantFrom(...attacks),
  step: fc.integer({ min: 1, max: 40 }),
  which: part(),
  where: part(),
  times: fc.integer({ min: 1, max: 3 }),
})

/** More of them by `npm run redteam`. */
const numRuns = Number(process.env['RETINA_REDTEAM_RUNS'] ?? 24)
const seed = Number(process.env['RETINA_REDTEAM_SEED'] ?? 20_261_128)

test.each(scenarios.map(({ name }, at) => [name, at] as const))(
  'without an attack, %s goes on to its end',
  (_name, scenario) => tryCase({ scenario, attack: 'change', step: 1, which: 0, where: 0, times: 0 }),
)

test(
  'T44 whatever is done to Redis at any step, only what was asked and approved runs, once, and no other output is shown',
  async () => {
    await fc.assert(fc.asyncProperty(cases, tryCase), {
      ...{ numRuns, seed, endOnFailure: true },
    })
  },
  60_000 + numRuns * 10_000,
)
