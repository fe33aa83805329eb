import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { freePort } from '#dev/machine/free-port'
import { accessibilityViolations } from '#test/environment/axe'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())
const recorded = readFileSync(join(import.meta.dirname, '../fixtures/ping/loss.txt'), 'utf8')
const hostile = '<script>document.title = "taken"</script><img src=x onerror="document.title=\'taken\'">\n'

async function open() {
  await redis.empty()
  const port = await freePort()
  const cluster = fakeCluster('dev', {
    ping: () => [{ out: recorded }],
    curl: () => [{ out: `${hostile}${'line\n'.repeat(500)}the needle\n` }],
  })
  const more = `pages: { url: 'http://localhost:${port}' }`
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, more, port })
  return { ...flow, origin: `http://localhost:${port}` }
}
type Open = Awaited<ReturnType<typeof open>>

/** Presses "Open page" under a run and returns the link of the reply. */
async function linkFor({ people, shows, slack }: Open, user: string): Promise<string> {
  const run = await shows(/exit code 0/)
  const before = slack.state.messages.length
  await people.press(user, 'link', run)
  await waitUntil('the link came', () => slack.state.messages.length > before)
  const message = slack.state.messages.at(-1)
  expect(message?.only).toBe(user)
  return /http:\/\/localhost\S+#[\w-]+/.exec(JSON.stringify(message?.blocks))?.[0] ?? ''
}

async function visit(link: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await newPage()
  await page.setViewportSize({ width: 390, height: 800 })
  await page.emulateMedia({ colorScheme })
  await page.goto(link)
  await page
    .getByText(/Record|Nothing to show/)
    .first()
    .waitFor()
  return page
}

test('a run’s page has its meaning, its chart, its whole output with search, and its audit records, and is accessible', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', 'shell node001 ping -c 9 10.99.3.2')
  const link = await linkFor(flow, 'U0ALICE')
  for (const scheme of ['light', 'dark'] as const) {
    const page = await visit(link, scheme)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('10.99.3.2 answers with 33 % loss')
    expect(await page.getByRole('img').getAttribute('alt')).toMatch(
      /^Round-trip time to 10\.99\.3\.2, a line over 9 packets.*3 missing\.$/,
    )
    expect((await page.locator('#output').textContent())?.trimEnd()).toBe(recorded.trimEnd())
    expect(await page.locator('#trail li').allTextContents()).toEqual([
      expect.stringMatching(/: decided · alice@example\.com · .*effect/),
      expect.stringMatching(/: queued · /),
      expect.stringMatching(/: started · /),
      expect.stringMatching(/: ended · .*reason completed/),
    ])
    expect(page.url()).not.toContain('#')
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    expect(await accessibilityViolations(page)).toEqual([])
  }
})

test('search and download work, and output is shown literally', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', 'shell node001 curl http://10.0.0.1/')
  const page = await visit(await linkFor(flow, 'U0ALICE'))
  await page.getByLabel('Search').fill('NEEDLE')
  expect(await page.locator('mark').allTextContents()).toEqual(['needle'])
  expect(await page.getByRole('status').textContent()).toBe('1 of 502 lines')
  await page.getByLabel('only matching lines').check()
  expect(await page.locator('#output').textContent()).toBe('the needle\n')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(readFileSync(await download.path(), 'utf8')).toContain(hostile)
  expect(await page.title()).not.toContain('taken')
  await page.reload()
  await page.getByText('Record').first().waitFor()
})

test('the page of a timeline has its events and both files, and is accessible', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', 'shell node001 ping 10.99.3.2')
  await flow.shows(/exit code 0/)
  await flow.people.command('U0ALICE', 'timeline --page')
  const message = await flow.shows(/the page of this timeline/)
  expect(message.only).toBe('U0ALICE')
  const page = await visit(/http:\/\/localhost\S+#[\w-]+/.exec(JSON.stringify(message.blocks))?.[0] ?? '')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('What happened in slack:channel/C0INCIDENT')
  expect(await page.locator('#output').textContent()).toContain('U0ALICE: ping -c 5 10.99.3.2 on node/node001')
  for (const [name, text] of [
    ['timeline.md', '| time | who | what |'],
    ['timeline.json', '"kind": "run"'],
  ] as const) {
    const button = page.getByRole('button', { name: `Download ${name}` })
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
    expect(download.suggestedFilename()).toBe(name)
    expect(readFileSync(await download.path(), 'utf8')).toContain(text)
  }
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  expect(await accessibilityViolations(page)).toEqual([])
})

test('a link is valid only for its run and its person', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', 'shell node001 ping 10.99.3.2')
  const link = await linkFor(flow, 'U0ALICE')
  const [, run = '', token = ''] = /runs\/(\w+)#(.+)$/.exec(link) ?? []
  const look = async (body: object, headers: Record<string, string> = { origin: flow.origin }) => {
    const answer = await fetch(`${flow.origin}/runs/look`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return [answer.status, Object.keys((await answer.json()) as object).includes('output')]
  }
  expect(await look({ run, token })).toEqual([200, true])
  expect(await look({ run: 'abcdefgh2345', token })).toEqual([200, false])
  expect(await look({ run, token: `${token}x` })).toEqual([200, false])
  expect(await look({ run, token }, { origin: 'https://evil.example' })).toEqual([403, false])
  expect(await look({ run, token }, {})).toEqual([403, false])
  expect(await (await fetch(`${flow.origin}/runs/${run}`)).text()).not.toContain('packets')
  // Every person in the run's channel can get a link of their own; people in other channels can't.
  await flow.people.command('U0BOB', `link ${run}`, 'C0OTHER')
  await flow.shows(/You have no finished run/)
})

test('the page of a triage has its checks, which open, and is accessible', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', 'triage node001 dns')
  const message = await flow.shows(/dns on node\/node001/)
  await waitUntil('it is done', () => buttonsOf(message)['link'] !== undefined)
  const before = flow.slack.state.messages.length
  await flow.people.press('U0ALICE', 'link', message)
  await waitUntil('the link came', () => flow.slack.state.messages.length > before)
  const link = /http:\/\/localhost\S+#[\w-]+/.exec(JSON.stringify(flow.slack.state.messages.at(-1)?.blocks))?.[0] ?? ''
  for (const scheme of ['light', 'dark'] as const) {
    const page = await visit(link, scheme)
    await page.getByLabel('only what found something').setChecked(false)
    await page.getByLabel('Find checks').fill('dns-upstream')
    const entries = page.locator('#list details')
    expect(await entries.count()).toBe(1)
    await entries.first().locator('summary').click()
    await page.getByText('dig +time=2 +tries=1 . NS').first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    expect(await accessibilityViolations(page)).toEqual([])
  }
})
