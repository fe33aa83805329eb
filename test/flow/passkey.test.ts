import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { freePort } from '#dev/machine/free-port'
import { connectRedis } from '#src/redis/connection'
import { cli, cliHere } from '#test/cli/run-cli'
import { openPageWithAuthenticator, useBrowser, usePageWithAuthenticator } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { slackUser } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { type App, type AppOptions, atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()
const bobsPage = usePageWithAuthenticator(browser)

const policy = `
capabilitySets:
  host-write: { tools: ['*'], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], confirm: passkey } }
groups: { leads: [bob@example.com, alice@example.com] }
grants: [{ to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }]`

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  const port = await freePort()
  const cluster = fakeCluster('dev', { cat: () => [{ out: 'content\n' }] })
  const more = `confirm: { url: 'http://localhost:${port}' }`
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, more, port }
  const flow = await openApp({ ...options, ...change })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = openStore(connection)
  return { ...flow, options, cluster, connection, store, origin: `http://localhost:${port}` }
}
type Open = Awaited<ReturnType<typeof open>>

async function invitation(flow: App): Promise<string> {
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const ended = await cliHere(['passkey', 'invite', '--person', 'bob@example.com', '--config', flow.file], env)
  return /http:\S+/.exec(ended.stdout)?.[0] ?? ''
}

async function enrol(flow: App, page: Page): Promise<void> {
  await page.goto(await invitation(flow))
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('Your passkey was added.').waitFor()
}

async function ask(flow: Open): Promise<string> {
  await flow.people.command('U0ALICE', 'shell -w --reason "disk full" node001 cat /host/x')
  await waitUntil('it is stored', async () => (await flow.store.runsOf('alice@example.com', 1)).length > 0)
  return (await flow.store.runsOf('alice@example.com', 1))[0]?.id ?? ''
}

/** Approves in chat and returns the link that the bot replies with. */
async function linkFor(flow: App, id: string): Promise<string> {
  await flow.people.command('U0BOB', `approve ${id}`)
  const message = await flow.shows(/U0BOB, confirm with your passkey/)
  flow.slack.state.messages.splice(flow.slack.state.messages.indexOf(message), 1)
  return /http:[^\s"]+\/confirm#[\w-]+/.exec(JSON.stringify(message.blocks))?.[0] ?? ''
}

test('an approval confirmed with a passkey: enrolled once, signed for this request, run, and recorded', async () => {
  const flow = await open()
  const page = await bobsPage()
  await enrol(flow, page)
  const id = await ask(flow)
  const link = await linkFor(flow, id)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(flow.cluster.launched).toEqual([])
  await page.goto(link)
  await page.getByRole('heading', { name: 'Needs approval: cat /host/x on node/node001' }).waitFor()
  expect(await page.locator('main').textContent()).toContain('write to every file on node001')
  expect(page.url()).toBe(`${flow.origin}/confirm`)
  await page.getByRole('button', { name: 'Approve with my passkey' }).click()
  await page.getByText('Approved. Follow the run in its thread.').waitFor()
  await flow.shows(/Done, exit code 0.*cat \/host\/x/)
  const run = await flow.store.run(id)
  expect(run?.approval?.reviews).toMatchObject([
    { by: { id: 'bob@example.com' }, passkey: expect.stringMatching(/^[\w-]{20,}$/) },
  ])
  const records = await auditRecords(flow.connection, 'passkey-added', 'reviewed')
  expect(records.map(({ what, person, details }) => `${what} ${person} ${'passkey' in details}`)).toEqual([
    'passkey-added bob@example.com true',
    'reviewed bob@example.com true',
  ])
})

test('a bot dies right after saving a confirmed approval: another one releases the run', async () => {
  const flow = await open({
    span: (_run, step, work) => (step === 'show-review' ? new Promise(() => undefined) : work()),
  })
  const page = await bobsPage()
  await enrol(flow, page)
  const link = await linkFor(flow, await ask(flow))
  await page.goto(link)
  await page.getByRole('button', { name: 'Approve with my passkey' }).click()
  await waitUntil('it is saved', async () => (await flow.store.runsOf('alice@example.com', 1))[0]?.state === 'queued')
  await flow.stop()
  await openApp({ ...flow.options, slack: flow.slack, port: await freePort() })
  await flow.shows(/Done, exit code 0.*cat \/host\/x/)
  expect(flow.cluster.launched).toHaveLength(1)
})

test('T29 a confirmation link: opening it changes nothing, it works once, and only with that person’s passkey', async () => {
  const flow = await open()
  const bob = await bobsPage()
  await enrol(flow, bob)
  const id = await ask(flow)
  const link = await linkFor(flow, id)
  const token = link.split('#')[1] ?? ''
  // A link scanner may open it any number of times.
  for (let times = 0; times < 3; times++) expect((await fetch(link)).status).toBe(200)
  // Another person, whose browser has a different passkey or none, is refused.
  const mallory = await openPageWithAuthenticator(browser())
  await mallory.goto(link)
  await mallory.getByRole('button', { name: 'Approve with my passkey' }).click()
  await mallory.getByText('No passkey was used.').waitFor()
  // Neither a page of another site nor an HTML form can use it.
  const body = JSON.stringify({ token, answer: {} })
  const post = (headers: Record<string, string>) =>
    fetch(`${flow.origin}/confirm/use`, { method: 'POST', headers, body })
  expect((await post({ 'content-type': 'application/json', origin: 'https://evil.example' })).status).toBe(403)
  expect((await post({ 'content-type': 'application/json' })).status).toBe(403)
  expect((await post({ 'content-type': 'text/plain', origin: flow.origin })).status).toBe(403)
  expect(flow.cluster.launched).toEqual([])
  await bob.goto(link)
  await bob.getByRole('button', { name: 'Approve with my passkey' }).click()
  await bob.getByText('Approved.').waitFor()
  await flow.shows(/Done, exit code 0/)
  const again = await post({ 'content-type': 'application/json', origin: flow.origin })
  expect(await again.json()).toMatchObject({ refused: expect.stringContaining('already used') })
  expect((await fetch(link)).headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(flow.cluster.launched).toHaveLength(1)
})

test.each([
  ['was deactivated', true, policy, /Nothing was approved\. This account is deactivated\./],
  ['left the group', false, policy.replace('[bob@example.com, ', '['), /There is no request \w+ that you can decide/],
])('T19 an approver who %s after requesting the link can’t approve with it', async (_what, deleted, later, message) => {
  const flow = await open()
  const page = await bobsPage()
  await enrol(flow, page)
  const id = await ask(flow)
  const link = await linkFor(flow, id)
  await flow.stop()
  flow.slack.state.users.set('U0BOB', slackUser('U0BOB', { email: 'bob@example.com', deleted }))
  await openApp({ ...flow.options, slack: flow.slack, policy: later })
  await page.goto(link)
  await page.getByRole('button', { name: 'Approve with my passkey' }).click()
  await page.getByText(message).waitFor()
  // Closes the page's connections: they would otherwise delay the stop of the program, which waits for them.
  await page.goto('about:blank')
  expect((await flow.store.run(id))?.approval?.reviews).toEqual([])
  expect(flow.cluster.launched).toEqual([])
})

test('a passkey’s signature for one request approves no other, and a wrong signature uses the link up', async () => {
  const flow = await open()
  const page = await bobsPage()
  await enrol(flow, page)
  const first = await linkFor(flow, await ask(flow))
  await flow.people.command('U0ALICE', 'shell -w node001 cat /host/y')
  await waitUntil('it is stored', async () => (await flow.store.runsOf('alice@example.com', 2)).length === 2)
  const second = await linkFor(flow, (await flow.store.runsOf('alice@example.com', 1))[0]?.id ?? '')
  // Sends the passkey's signature for the first request with the link of the second.
  await page.route('**/confirm/use', async (route) => {
    const { answer } = route.request().postDataJSON() as { answer: unknown }
    await route.continue({ postData: JSON.stringify({ token: second.split('#')[1], answer }) })
  })
  await page.goto(first)
  await page.getByRole('button', { name: 'Approve with my passkey' }).click()
  await page.getByText('This was not signed by a passkey of U0BOB.').waitFor()
  await page.unrouteAll()
  await page.goto(second)
  await page.getByText('This link was already used or has expired.').waitFor()
  expect(flow.cluster.launched).toEqual([])
})

test('a stolen chat session can’t approve: an approval needs a passkey, and chat can’t add one', async () => {
  const flow = await open()
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(
    /This must be confirmed with a passkey, and you have not added one yet\. Ask the owner of this bot for an invitation/,
  )
  await flow.people.command('U0ALICE', `approve ${id}`)
  await flow.shows(/You requested this yourself/)
  expect((await flow.store.run(id))?.approval?.reviews).toEqual([])
  // A denial needs no passkey: it can only make things safer.
  await flow.people.command('U0BOB', `deny ${id} not now`)
  await flow.shows(/Denied: cat/)
})

test('T20 a passkey that was written into Redis by an attacker isn’t accepted', async () => {
  const flow = await open()
  const page = await bobsPage()
  await enrol(flow, page)
  const keyOf = (person: string) => `retina:value:passkeys:${person}`
  const text = (await flow.connection.get(keyOf('bob@example.com'))) ?? ''
  await flow.connection.set(keyOf('alice@example.com'), text)
  await flow.connection.set(keyOf('bob@example.com'), text.replace('"counter":', '"counter":9'))
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  for (const person of ['alice@example.com', 'bob@example.com']) {
    const listed = await cliHere(['passkey', 'list', '--person', person, '--config', flow.file], env)
    expect(listed.stdout).toBe(`${person} has no passkey here.\n`)
  }
})

test('passkeys can be listed and removed, and the removal is recorded', async () => {
  const flow = await open()
  await enrol(flow, await bobsPage())
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const args = (verb: string) => ['passkey', verb, '--person', 'bob@example.com', '--config', flow.file]
  const run = (verb: string) => cliHere(args(verb), env)
  // Uses a process of its own, as operators start it.
  expect((await cli(args('list'), env)).stdout).toMatch(/^[\w-]{20,} {2}added \d{4}-/)
  expect((await run('remove')).code).toBe(0)
  expect((await run('list')).stdout).toContain('has no passkey here')
  expect(await auditRecords(flow.connection, 'passkeys-removed')).toHaveLength(1)
  expect((await cliHere(['passkey', 'frobnicate'], env)).code).toBe(2)
  await waitUntil(
    'nothing is left',
    async () => (await flow.store.getValue('passkeys', 'bob@example.com')) === undefined,
  )
})
