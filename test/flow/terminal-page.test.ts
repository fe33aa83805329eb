import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { accessibilityViolations } from '#test/environment/axe'
import { openPhonePage, useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { askForShell, openShellPage, openTerminalApp, rowsOf, screenOf, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()
const newPage = usePage(browser)

/** Pastes a text, as the browser does. */
const paste = (page: Page, text: string) =>
  page.evaluate(
    `(() => {
      const data = new DataTransfer()
      data.setData('text/plain', ${JSON.stringify(text)})
      const target = document.querySelector('.xterm-helper-textarea')
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`,
  )

test.each(['light', 'dark'] as const)(
  'the page is accessible and breaks none of its own policies, %s',
  async (colorScheme) => {
    const flow = await openTerminalApp(redis)
    const page = await newPage()
    await page.emulateMedia({ colorScheme })
    const problems: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.text().includes('Content Security Policy'))
        problems.push(message.text())
    })
    const link = await askForShell(flow, 'U0ALICE')
    await page.goto(link)
    await page.getByRole('button', { name: 'Open the shell' }).waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await openShellPage(page, link)
    await page.keyboard.type('count 3\n')
    await waitForText(page, '3\n$')
    expect(await accessibilityViolations(page)).toEqual([])
    const answer = await fetch(link)
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]{22}'; connect-src 'self' ws:\/\/localhost:\d+; frame-ancestors 'none'/,
    )
    expect(problems.filter((text) => !text.includes('favicon'))).toEqual([])
  },
)

test('the shell gets the size of the window, and keys such as Ctrl-C', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  /** Asks the shell for its size until that is the screen's. */
  const agree = (most: number) =>
    waitUntil('the shell has the size of the screen', async () => {
      await page.keyboard.type('size\n')
      const shown = [...(await screenOf(page)).matchAll(/^(\d+) \d+$/gm)].at(-1)?.[1]
      const rows = await rowsOf(page)
      return rows < most && Number(shown) === rows
    })
  await agree(1_000)
  const rows = await rowsOf(page)
  await page.setViewportSize({ width: 700, height: 400 })
  await agree(rows)
  await page.keyboard.type('sleep\n')
  await page.keyboard.press('Control+c')
  await waitForText(page, '^C\n$')
})

test('T51 a paste is cleaned of control bytes; several lines and much are asked for first', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  await paste(page, 'ec\u001b[201~ho\u0003\u0007 one')
  await waitForText(page, '$ ec[201~ho one')
  await page.keyboard.press('Control+c')
  await waitForText(page, '^C\n$')
  await paste(page, 'count 1\ncount 2\n')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  expect(await dialog.getByRole('heading').textContent()).toBe('Type 2 lines into the shell?')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await screenOf(page)).not.toContain('count')
  await paste(page, 'count 1\ncount 2\n')
  await dialog.getByRole('button', { name: 'Type it' }).click()
  await waitForText(page, '$ count 2\n1\n2\n$')
  await paste(page, 'x'.repeat(5_000_001))
  await page.getByText(/A paste has at most 5000000 characters; nothing was typed/).waitFor()
})

test('T51 output changes neither clipboard nor title, and opens an https link only after a question', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  const [, id = ''] = /\/t\/(\w+)#/.exec(link) ?? []
  await openShellPage(page, link)
  const title = await page.title()
  const linked = (address: string, text: string) => `\u001b]8;;${address}\u0007${text}\u001b]8;;\u0007`
  flow.shells.print(
    id,
    `\u001b]52;c;ZXZpbA==\u0007\u001b]0;evil\u0007\n${linked('javascript:alert(1)', 'bad link')} ${linked('https://example.org/x', 'good link')}\n`,
  )
  await waitForText(page, 'bad link good link')
  expect(await page.title()).toBe(title)
  const opened: string[] = []
  page.context().on('page', (other) => opened.push(other.url()))
  const row = await page.locator('.xterm-rows > div').filter({ hasText: 'good link' }).boundingBox()
  const [x, y, cell] = [row?.x ?? 0, (row?.y ?? 0) + (row?.height ?? 0) / 2, 8.4]
  const press = async (column: number) => {
    await page.mouse.move(x + column * cell, y)
    await page.mouse.move(x + column * cell + 1, y)
    await page.mouse.click(x + column * cell + 1, y)
  }
  const dialog = page.getByRole('dialog')
  await press(2)
  expect(await dialog.isVisible()).toBe(false)
  await press(12)
  await dialog.waitFor()
  expect(await dialog.getByLabel('Text').inputValue()).toBe('https://example.org/x')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(opened).toEqual([])
  // Bytes of one character in several pieces.
  flow.shells.print(id, `${'€'.repeat(9_000)}\nend of it\n`)
  await waitForText(page, 'end of it')
  expect(await screenOf(page)).toMatch(/€€€\nend of it/)
})

test('on a phone, whole lines and keys of a bar are typed; nothing is wider than the screen', async () => {
  const flow = await openTerminalApp(redis)
  const page = await openPhonePage(browser())
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  await page.getByLabel('Line to type').fill('count 3')
  await page.getByRole('button', { name: 'Send' }).click()
  await waitForText(page, '3\n$')
  await page.getByLabel('Line to type').fill('sleep')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '^C, interrupt' }).click()
  await waitForText(page, '^C\n$')
  await page.getByLabel('Line to type').fill('noecho')
  await page.keyboard.press('Enter')
  await waitUntil(
    'the field hides what is typed',
    async () => (await page.getByLabel('Line to type').getAttribute('type')) === 'password',
  )
  await page.getByLabel('Line to type').fill('secret')
  await page.keyboard.press('Enter')
  await waitUntil(
    'the field shows what is typed',
    async () => (await page.getByLabel('Line to type').getAttribute('type')) === 'text',
  )
  const keys = await page.getByRole('toolbar', { name: 'Keys' }).getByRole('button').all()
  for (const key of keys) {
    const box = await key.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
  }
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  expect(await accessibilityViolations(page)).toEqual([])
})
