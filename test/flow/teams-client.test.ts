import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { freePort } from '#dev/machine/free-port'
import { useBrowser } from '#test/environment/browser'
import { startPlayground } from '#test/environment/playground'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { policyText } from './settings.ts'
import { ids, openTeamsFlow } from './teams-app.ts'

const closing: (() => Promise<void>)[] = []
// Declared before the hooks of Redis and the browser, so that it runs before them.
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})
const redis = useRedis()
const browser = useBrowser()

// One client for both tests, in its only conversation: it takes seconds to start and to load.
let client: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  client = await open((stop) => void closing.push(stop))
})

async function open(atLast: (stop: () => Promise<void>) => void) {
  const { promise: seen, resolve: goOn } = Promise.withResolvers<void>()
  const cluster = fakeCluster('dev', {
    dig: () => [{ out: 'first   line\n' }, { until: seen }, { out: '<b>last</b> *line* <at>all</at>\n' }],
    dd: () => [{ out: 'written\n' }],
  })
  const policy = policyText.replace(
    'grants:',
    "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }",
  )
  const port = await freePort()
  const serviceHosts = [`localhost:${port}`]
  const settings = {
    serviceHosts,
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
    policy,
    keep: true,
  }
  const flow = await openTeamsFlow(settings, atLast)
  atLast(flow.end)
  const [playground, page] = await Promise.all([
    startPlayground(flow.teams, `${flow.base}/teams/messages`, ids.bob, port),
    browser().newPage({ viewport: { width: 1300, height: 1000 } }),
  ])
  atLast(playground.close)
  atLast(() => page.close())
  await page.goto(playground.url)
  await page.getByText('Type a message').waitFor()
  return { ...flow, playground, page, cluster, goOn }
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('[role=textbox][contenteditable]').first().click()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

test('in a real client: the reply to a command is a card, which is edited in place until the run ends, and shows output literally', async () => {
  const { page, playground, cluster, goOn } = client
  const before = cluster.launched.length
  await say(page, 'shell node001 dig example.com')
  await page.getByText('Running for').waitFor()
  await page.getByText('first').waitFor()
  goOn()
  await page.getByText('Done, exit code 0').waitFor()
  expect(await page.getByText('Running for').count()).toBe(0)
  expect(await page.getByText('<b>last</b> *line* <at>all</at>').count()).toBe(1)
  expect(playground.conversation()).toBeDefined()
  await page.getByRole('button', { name: 'Run again', exact: true }).click()
  await page.getByText('Done, exit code 0').nth(1).waitFor()
  expect(cluster.launched).toHaveLength(before + 2)
})

test('in a real client: a person who may decide gets the buttons, and pressing one approves', async () => {
  const { page, playground, inTeams, cluster, teams } = client
  const before = cluster.launched.length
  const done = await page.getByText('Done, exit code 0').count()
  await say(page, 'version')
  await page.getByText('Retina ChatOps').last().waitFor()
  const conversation = playground.conversation() ?? ''
  const { frame, send } = inTeams
  const { serviceUrl } = playground
  // Alice writes in the same conversation; the client is Bob's.
  const activity = {
    ...frame(ids.alice, {}),
    serviceUrl,
    conversation: { id: conversation, conversationType: 'groupChat', tenantId: teams.state.tenant },
  }
  const sent = await send(
    {
      ...activity,
      type: 'message',
      text: '<at>retina</at> shell -w --reason full node001 dd if=/dev/zero of=/host/x',
      entities: [{ type: 'mention', mentioned: activity.recipient, text: '<at>retina</at>' }],
    },
    teams.sign({ serviceurl: serviceUrl }),
  )
  expect(sent.status).toBe(200)
  await page.getByText('Needs approval').waitFor()
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'Decide…' }).click()
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Done, exit code 0').nth(done).waitFor()
  expect(cluster.launched).toHaveLength(before + 1)
})

test('in a real client: "Triage this" in the menu of a message looks at the node that the message names', async () => {
  const { page } = client
  await say(page, 'receive errors on node002, who can look?')
  await page.getByText('There is no command "receive"').waitFor()
  await page.getByText('receive errors on node002').first().hover()
  // The newest menu is that of the answer, the one before that of the message itself.
  await page.getByRole('button', { name: 'more' }).nth(-2).click()
  await page.getByRole('menuitem', { name: 'Action Command' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByPlaceholder('Input command id').fill('triage')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByText('On its way.').waitFor()
  await page.keyboard.press('Escape')
  const answer = page.getByText('dns on node/node002 · bob')
  await answer.first().waitFor()
  expect(await answer.count()).toBe(1)
})
