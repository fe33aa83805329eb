import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { freePort } from '#dev/machine/free-port'
import { cliHere } from '#test/cli/run-cli'
import { openPageWithAuthenticator, useBrowser } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { auditRecordsAt } from './audit-log.ts'
import { sealKey } from './settings.ts'
import { linkFor, openShellPage, openTerminalApp, type TerminalApp, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()

const policy = `
capabilitySets:
  host-shell:
    terminal: shell
    host: { filesystem: read-write, pid: true }
    effect: write
    approval: { from: ['group:leads'], confirm: passkey }
groups: { leads: [bob@example.com] }
grants: [{ to: [alice@example.com], sets: [host-shell], on: [{ nodes: '*' }] }]
`

async function open(): Promise<TerminalApp> {
  const port = await freePort()
  return openTerminalApp(redis, { policy, port, more: `confirm: { url: 'http://localhost:${port}' }` })
}

/** Adds a passkey of this page's authenticator for a person. */
async function enrol({ file }: TerminalApp, page: Page, person: string): Promise<void> {
  const env = { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey }
  const { stdout } = await cliHere(['passkey', 'invite', '--person', person, '--config', file], env)
  await page.goto(/http:\S+/.exec(stdout)?.[0] ?? '')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('Your passkey was added.').waitFor()
}

/** Has Alice ask for a host shell and Bob approve it with his passkey; resolves with her link. */
async function approvedLink(flow: TerminalApp, bobsPage: Page): Promise<string> {
  const before = flow.slack.state.messages.length
  await flow.people.command('U0ALICE', 'shell node001')
  const asked = await flow.shows(/Needs approval/)
  await flow.people.press('U0BOB', 'approve', asked)
  const message = await flow.shows(/U0BOB, confirm with your passkey/)
  await bobsPage.goto(/http:[^\s"]+\/confirm#[\w-]+/.exec(JSON.stringify(message.blocks))?.[0] ?? '')
  await bobsPage.getByRole('button', { name: 'Approve with my passkey' }).click()
  await bobsPage.getByText('Approved. Follow the run in its thread.').waitFor()
  return linkFor(flow, 'U0ALICE', before)
}

test('T29 a shell whose approval wants a passkey opens with its own person’s passkey only', async () => {
  const flow = await open()
  const [bobs, alices] = [await openPageWithAuthenticator(browser()), await openPageWithAuthenticator(browser())]
  await enrol(flow, bobs, 'bob@example.com')
  const link = await approvedLink(flow, bobs)
  // Alice has none yet: her link isn't used up.
  await alices.goto(link)
  await alices.getByRole('button', { name: 'Open the shell' }).click()
  await alices.getByText(/opens with a passkey only, and you have not added one yet/).waitFor()
  await enrol(flow, alices, 'alice@example.com')
  // The browser of somebody who copied the link has no passkey of hers.
  await bobs.goto(link)
  await bobs.getByRole('button', { name: 'Open the shell' }).click()
  await bobs.getByText(/none was used/).waitFor()
  expect(flow.shells.running()).toEqual([])
  await openShellPage(alices, link)
  await alices.keyboard.type('count 2\n')
  await waitForText(alices, '2\n$')
  await waitUntil('it is on record', async () => {
    const [claimed] = await auditRecordsAt(redis.url(), 'session-claimed')
    return claimed?.details['passkey'] !== undefined
  })
})

test('T29 what a passkey signed for one browser is worth nothing for another', async () => {
  const flow = await open()
  const [bobs, alices] = [await openPageWithAuthenticator(browser()), await openPageWithAuthenticator(browser())]
  await enrol(flow, bobs, 'bob@example.com')
  await enrol(flow, alices, 'alice@example.com')
  const link = await approvedLink(flow, bobs)
  // A hostile network in front of Alice's browser takes her answer, and sends it with a key of its own.
  const taken = new Promise<Record<string, unknown>>((resolve) => {
    void alices.route('**/t/claim', async (route) => {
      const body = JSON.parse(route.request().postData() ?? '{}') as Record<string, unknown>
      if (body['answer'] === undefined) return route.continue()
      resolve(body)
      await route.abort()
    })
  })
  await alices.goto(link)
  await alices.getByRole('button', { name: 'Open the shell' }).click()
  const body = await taken
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const send = async (claim: object) => {
    const answer = await fetch(`${flow.base}/t/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: flow.origin },
      body: JSON.stringify(claim),
    })
    return answer.json()
  }
  const refused = { refused: expect.stringMatching(/not signed by a passkey of/) }
  expect(await send({ ...body, key: { x, y } })).toEqual(refused)
  expect(await send({ ...body, answer: {} })).toEqual(refused)
  expect(await send({ ...body, answer: null })).toEqual(refused)
  expect(await send({ ...body, answer: 'x'.repeat(1_000) })).toEqual(refused)
  expect(flow.shells.running()).toEqual([])
})
