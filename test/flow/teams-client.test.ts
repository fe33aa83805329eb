import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { fakeCluster } from '#test/fakes/cluster'
import { useBrowser } from '#test/real/browser'
import { startPlayground } from '#test/real/playground'
import { useRedis } from '#test/real/redis'
import { atEnd } from './house.ts'
import { policyText } from './settings.ts'
import { ids, openTeamsFlow } from './use-teams.ts'

const redis = useRedis()
const browser = useBrowser()

async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', {
    dig: () => [{ out: 'first   line\n' }, { pause: 2_500 }, { out: '<b>last</b> *line* <at>all</at>\n' }],
    dd: () => [{ out: 'written\n' }],
  })
  const policy = policyText.replace(
    'grants:',
    "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }",
  )
  const flow = await openTeamsFlow(
    { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy },
    atEnd,
  )
  const playground = await startPlayground(flow.teams, `${flow.base}/teams/messages`, ids.bob)
  atEnd(playground.close)
  const page = await browser().newPage({ viewport: { width: 1300, height: 1000 } })
  atEnd(() => page.close())
  await page.goto(playground.url)
  await page.getByText('Type a message').waitFor()
  return { ...flow, playground, page, cluster }
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('[role=textbox][contenteditable]').first().click()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

test('in a real client: a command is answered by a card, which is edited in place until its ending, letter by letter', async () => {
  const { page, playground, cluster } = await open()
  await say(page, 'shell node001 dig example.com')
  await page.getByText('Running for').waitFor({ timeout: 20_000 })
  await page.getByText('first').waitFor()
  await page.getByText('Done, exit code 0').waitFor({ timeout: 20_000 })
  expect(await page.getByText('Running for').count()).toBe(0)
  expect(await page.getByText('<b>last</b> *line* <at>all</at>').count()).toBe(1)
  expect(playground.conversation()).toBeDefined()
  await page.getByRole('button', { name: 'Run again', exact: true }).click()
  await page.getByText('Done, exit code 0').nth(1).waitFor({ timeout: 20_000 })
  expect(cluster.launched).toHaveLength(2)
}, 60_000)

test('in a real client: who may decide gets the buttons, and a press approves', async () => {
  const { page, playground, inTeams, cluster, teams } = await open()
  await say(page, 'version')
  await page.getByText('Retina ChatOps').last().waitFor({ timeout: 20_000 })
  const conversation = playground.conversation() ?? ''
  const { frame, send } = inTeams
  const { serviceUrl } = playground
  // Alice, in the same conversation; the client is Bob's.
  const place = {
    ...frame(ids.alice, {}),
    serviceUrl,
    conversation: { id: conversation, conversationType: 'groupChat', tenantId: teams.state.tenant },
  }
  const sent = await send(
    { ...place, type: 'message', text: 'shell -w --reason full node001 dd if=/dev/zero of=/host/x' },
    teams.sign({ serviceurl: serviceUrl }),
  )
  expect(sent.status).toBe(200)
  await page.getByText('Asks for approval').waitFor({ timeout: 20_000 })
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'Decide…' }).click()
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Done, exit code 0').waitFor({ timeout: 20_000 })
  expect(cluster.launched).toHaveLength(1)
}, 60_000)
