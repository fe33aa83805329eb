import { expect, test } from '@jest/globals'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { linkFor, openShellPage, openTerminalApp, waitForText } from './terminal-app.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())

test('a shell is asked for in Slack, opened by a link for that person alone, and echoes what is typed in a real browser', async () => {
  const flow = await openTerminalApp(redis)
  await flow.people.command('U0ALICE', 'shell node001')
  const shown = await flow.shows(/Shell open on node\/node001/)
  expect(shown.only).toBeUndefined()
  const link = await linkFor(flow, 'U0ALICE')
  const page = await newPage()
  page.on('console', (message) => console.log(message.text()))
  page.on('pageerror', (error) => console.log(String(error)))
  await openShellPage(page, link)
  await page.keyboard.type('count 3\n')
  await waitForText(page, '3\n$')
  expect(page.url()).not.toContain('#')
})
