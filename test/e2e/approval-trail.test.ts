import { expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { freePort } from '#dev/machine/free-port'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { cli } from '#test/cli/run-cli'
import { openPageWithAuthenticator, useBrowser } from '#test/environment/browser'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { slackUser } from '#test/fakes/slack/state'
import { type AppOptions, atEnd, openApp } from '#test/flow/app'
import { sealKey } from '#test/flow/settings'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const cluster = useCluster()
const browser = useBrowser()

const policyOf = (rule: string) => `
capabilitySets:
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write, approval: { from: ['group:leads'], ${rule} } }
groups: { leads: [alice@example.com, bob@example.com, dora@example.com] }
grants: [{ to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }]`

const file = () => `/var/tmp/${cluster().namespace}`
const isThere = async () => (await nodeExec('node001', ['sh', '-c', `test -e ${file()} && echo yes || echo no`])).trim()

async function open(change: Partial<AppOptions>) {
  await redis.empty()
  await nodeExec('node001', ['rm', '-f', file()])
  const flow = await openApp({ redis: redis.url(), ...cluster().settings, ...change })
  flow.slack.state.users.set('U0DORA', slackUser('U0DORA', { email: 'dora@example.com', real_name: 'Dora' }))
  return flow
}

/** Returns the audit records of the newest run, in order, after checking that the chain is intact. */
async function trail(): Promise<string[]> {
  const connection = connectRedis(redis.url(), silentLog)
  const log = redisAuditLog(connection, sealKey)
  const all: string[] = []
  for await (const { record } of log.read())
    if (record.what !== 'policy-changed') all.push(`${record.what} ${record.person.split('@')[0]}`)
  const verified = await log.verify()
  connection.disconnect()
  expect(verified).toHaveProperty('records')
  return all
}

test('a write mount with a quorum of two that approve concurrently: run once, written on the node, and recorded', async () => {
  const flow = await open({ policy: policyOf('quorum: 2') })
  await flow.people.command('U0ALICE', `shell -w --reason "disk full" node001 touch /host${file()}`)
  const card = await flow.shows(/Needs approval[\s\S]*write to every file on node001[\s\S]*disk full/)
  await flow.people.press('U0ALICE', 'approve', card)
  await flow.shows(/You requested this yourself/)
  expect(await isThere()).toBe('no')
  await Promise.all([flow.people.press('U0BOB', 'approve', card), flow.people.press('U0DORA', 'approve', card)])
  const ended = shown(await flow.shows(/Done, exit code 0.*touch/))
  expect(await isThere()).toBe('yes')
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
  const all = await trail()
  expect(all.filter((each) => /^reviewed (bob|dora)/.test(each)).toSorted()).toEqual(['reviewed bob', 'reviewed dora'])
  expect(all.filter((each) => !each.startsWith('review'))).toEqual([
    'decided alice',
    'asked alice',
    'queued alice',
    'started alice',
    'ended alice',
  ])
  expect(all).toContain('review-refused alice')
  expect(ended).toContain('set host-write')
})

test('a request without a decision in time expires, and is never run', async () => {
  const flow = await open({ policy: policyOf('within: 2s') })
  await flow.people.command('U0ALICE', `shell -w node001 touch /host${file()}`)
  const expired = await flow.shows(/Expired without a decision: touch/)
  const id = /run ([a-z2-7]{12})/.exec(shown(expired))?.[1]
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/This request (expired at|is already expired)/)
  expect(await isThere()).toBe('no')
  expect(await trail()).toContain('ended alice')
})

test('in the web chat, confirmed with a passkey: requested by one person, approved by another, written on the node', async () => {
  const port = await freePort()
  const more = `confirm: { url: 'http://localhost:${port}' }
web:
  port: 0
  channels: [incident]
  people: [{ id: alice@example.com, name: Alice }, { id: bob@example.com, name: Bob }]`
  const flow = await open({ policy: policyOf('confirm: passkey'), more, port })
  const bob = await openPageWithAuthenticator(browser())
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const invited = await cli(['passkey', 'invite', '--person', 'bob@example.com', '--config', flow.file], env)
  await bob.goto(/http:\S+/.exec(invited.stdout)?.[0] ?? '')
  await bob.getByRole('button', { name: 'Add a passkey' }).click()
  await bob.getByText('Your passkey was added.').waitFor()

  const page = await browser().newPage()
  atEnd(() => page.close())
  await page.goto(flow.running.web ?? '')
  await page.locator('#person').selectOption('alice@example.com')
  await page.getByLabel('Command').fill(`shell -w --reason "disk full" node001 touch /host${file()}`)
  await page.getByLabel('Command').press('Enter')
  await page.getByText('Needs approval: touch').waitFor()
  await page.locator('#person').selectOption('bob@example.com')
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  const link = await page.getByRole('link', { name: 'Confirm' }).getAttribute('href')
  expect(await isThere()).toBe('no')
  await bob.goto(link ?? '')
  await bob.getByRole('button', { name: 'Approve with my passkey' }).click()
  await bob.getByText('Approved.').waitFor()
  await page.getByText('Done, exit code 0').waitFor()
  expect(await isThere()).toBe('yes')
  const all = await trail()
  expect(all).toEqual(
    expect.arrayContaining(['passkey-added bob', 'asked alice', 'reviewed bob', 'started alice', 'ended alice']),
  )
  await nodeExec('node001', ['rm', '-f', file()])
})
