import { beforeEach, expect, test } from '@jest/globals'
import type { FrameLocator, Page } from 'playwright-core'
import { accessibilityViolations } from '#test/environment/axe'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { openApp } from './app.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())
let more: Promise<void>
beforeEach(() => {
  more = Promise.resolve()
  return redis.empty()
})

/** Makes `dig` stop after its first line, until the returned function is called. */
function holdOutput(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  more = promise
  return resolve
}

const hostile =
  '<script>document.title = "taken"</script><img src=x onerror="document.title = \'taken\'"> <b>bold</b> @everyone'

async function open(): Promise<Page> {
  const cluster = fakeCluster('dev', {
    dig: (argv) => [
      { out: argv.includes('TXT') ? `${hostile}\n` : 'first line\n' },
      { until: more },
      { out: 'last line\n' },
    ],
    ping: () => [{ out: 'PING\n' }, { pause: 60_000 }],
    curl: () => [{ out: 'x\n'.repeat(20_000) }],
  })
  const web = `web:
  port: 0
  channels: [incident, general]
  people: [{ id: alice@example.com, name: Alice }, { id: carol@example.com, name: Carol }]`
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, more: web })
  const page = await newPage()
  await page.goto(flow.running.web ?? '')
  await ready(page)
  return page
}

/** Waits until the page has loaded its list of people. */
function ready(page: Page | FrameLocator): Promise<void> {
  return page.getByLabel('You are').locator('option').first().waitFor({ state: 'attached' })
}

/** The newest message in the channel, and the first one in its thread. */
const runCard = (page: Page) => page.locator('section').last().locator('.card').first()
const outputCard = (page: Page) => page.locator('section').last().locator('.replies .card').first()

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Command').fill(text)
  await page.getByLabel('Command').press('Enter')
}

test('an empty channel shows what can be typed, until the first message', async () => {
  const page = await open()
  await page.getByText('No messages yet').waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  await page.getByRole('button', { name: 'help', exact: true }).click()
  expect(await page.getByLabel('Command').inputValue()).toBe('help')
  await page.getByLabel('Command').press('Enter')
  await page.locator('section').last().locator('.card').first().waitFor()
  expect(await page.getByText('No messages yet').count()).toBe(0)
})

test('a person types a command, and its message in the thread is updated until the end', async () => {
  const page = await open()
  const resume = holdOutput()
  await say(page, 'shell node001 dig example.com')
  const [root, output] = [runCard(page), outputCard(page)]
  await output.getByText('running for').waitFor()
  expect(await output.locator('pre').textContent()).toBe('first line')
  await root.getByText('Running: dig').waitFor()
  resume()
  await root.getByText('Done, exit code 0').waitFor()
  expect(await root.locator('pre').count()).toBe(0)
  expect(await output.locator('pre').textContent()).toBe('first line\nlast line')
  expect(await page.locator('section').count()).toBe(2)
  expect(await page.locator('.words').textContent()).toBe('shell node001 dig example.com')
  await root.getByRole('button', { name: 'Run again', exact: true }).click()
  await page.locator('section').nth(2).getByText('Done, exit code 0').waitFor()
  // The newest thread is open; the one before is opened by a click.
  expect(await page.locator('section').nth(1).locator('pre').isVisible()).toBe(false)
  await page.locator('section').nth(1).getByText('1 reply').click()
  expect(await page.locator('section').nth(1).locator('pre').isVisible()).toBe(true)
})

test('people have their own rights, channels their own messages, and messages survive a reload', async () => {
  const page = await open()
  await page.getByRole('button', { name: '#general' }).click()
  await page.getByLabel('You are').selectOption('carol@example.com')
  await say(page, 'shell node001 dig example.com')
  await page.getByText('You have no grant on node/node001.').waitFor()
  await page.getByRole('button', { name: '#incident' }).click()
  expect(await page.getByText('You have no grant').count()).toBe(0)
  await page.reload()
  await ready(page)
  await page.getByRole('button', { name: '#general' }).click()
  await page.getByText('You have no grant on node/node001.').waitFor()
})

test('a run is canceled by its button', async () => {
  const page = await open()
  await say(page, 'shell node001 ping 10.0.0.1')
  await page.getByText('Running for').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Canceled by Alice.').waitFor()
})

test('T23 T24 output is shown as text, whatever it has', async () => {
  const page = await open()
  await say(page, 'shell node001 dig TXT evil.example')
  await runCard(page).getByText('Done, exit code 0').waitFor()
  const card = outputCard(page)
  expect(await card.locator('pre').textContent()).toContain(hostile)
  expect(await card.locator('script, img, b').count()).toBe(0)
  expect(await page.title()).toBe('Retina ChatOps')
})

test('output that doesn’t fit can be downloaded as a whole', async () => {
  const page = await open()
  await say(page, 'shell node001 curl http://10.0.0.1/')
  const link = page.getByRole('link', { name: /Whole output/ })
  await link.waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  const stream = await download.createReadStream()
  let length = 0
  for await (const chunk of stream) length += (chunk as Buffer).length
  expect(length).toBe(40_000)
})

test('help is shown, its examples can be clicked to use them, and a thread can be replied to', async () => {
  const page = await open()
  await say(page, 'help')
  // Of the help, and not of the empty page that it replaces.
  const example = page.locator('section .examples button').first()
  await example.click()
  expect(await page.getByLabel('Command').inputValue()).toBe(await example.textContent())
  await page.getByRole('button', { name: 'Reply' }).first().click()
  await say(page, 'whoami')
  await page.getByText('You are alice@example.com').waitFor()
  expect(await page.locator('section').count()).toBe(1)
})

test.each(['light', 'dark'] as const)('the page is accessible, in %s', async (colorScheme) => {
  const page = await open()
  await page.emulateMedia({ colorScheme })
  await say(page, 'shell node001 dig example.com')
  await runCard(page).getByText('Done, exit code 0').waitFor()
  await say(page, 'help')
  await page.locator('section').last().locator('.examples').waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 800 })
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
})

test('two people side by side: a command of one is on both pages at once', async () => {
  const page = await open()
  await page.getByRole('link', { name: 'Two people side by side' }).click()
  const [first, second] = [page.frameLocator('iframe').first(), page.frameLocator('iframe').nth(1)]
  await Promise.all([ready(first), ready(second)])
  expect(await first.getByLabel('You are').inputValue()).toBe('alice@example.com')
  expect(await second.getByLabel('You are').inputValue()).toBe('carol@example.com')
  await first.getByLabel('Command').fill('shell node001 dig example.com')
  await first.getByLabel('Command').press('Enter')
  await second.getByText('Done, exit code 0').waitFor()
  expect(await second.getByRole('link', { name: 'side by side' }).count()).toBe(0)
})

test('the page can show each message as Slack and Teams get it, live, for work on messages', async () => {
  const page = await open()
  const resume = holdOutput()
  await say(page, 'shell node001 dig TXT example.com')
  const card = outputCard(page)
  await card.getByText('running for').waitFor()
  await page.getByLabel('Preview for').selectOption('slack')
  resume()
  await runCard(page).locator('.rendering b').getByText('Done, exit code 0').waitFor()
  expect(await card.locator('.rendering pre').first().textContent()).toBe(`${hostile}\nlast line`)
  const button = runCard(page).locator('.rendering').getByRole('button', { name: 'Run again', exact: true })
  expect(await button.isDisabled()).toBe(true)
  await page.getByLabel('Preview for').selectOption('teams')
  expect(await card.locator('.rendering .emphasis').textContent()).toBe(`${hostile}\nlast line`)
  await card.locator('.rendering summary').click()
  expect(JSON.parse((await card.locator('.rendering details pre').textContent()) ?? '')).toMatchObject({
    type: 'AdaptiveCard',
  })
  expect(await page.title()).not.toBe('taken')
  expect(await accessibilityViolations(page)).toEqual([])
})
