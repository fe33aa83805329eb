import { expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { atEnd } from './app.ts'
import { askForShell, openShellPage, openTerminalApp, screenOf, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()
const newPage = usePage(browser)

async function openShell(more: Parameters<typeof openTerminalApp>[1] = {}) {
  const flow = await openTerminalApp(redis, more)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  return { ...flow, page, link, id: /\/t\/(\w+)#/.exec(link)?.[1] ?? '' }
}

/** A busy machine takes longer for a test than a recording may be unavailable. */
const patient = { recordingTimeoutMs: 60_000 }

/** Pastes a text that the page makes itself: five megabytes would take long to get there. */
const pasteRepeated = (page: Page, part: string, times: number) =>
  page.evaluate(
    `(() => {
      const data = new DataTransfer()
      data.setData('text/plain', ${JSON.stringify(part)}.repeat(${times}))
      const target = document.querySelector('.xterm-helper-textarea')
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`,
  )

test('T51 a paste of 5 MB with control bytes: asked for first, cleaned, and each character is typed once', async () => {
  const { page, shells, id } = await openShell()
  // The stand-in's shell echoes slowly.
  await page.keyboard.type('noecho\n')
  await waitForText(page, 'Password:')
  const before = shells.typed(id).length
  await pasteRepeated(page, 'abcdefgh\u001b\u0003', 500_000)
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  expect(await dialog.getByRole('heading').textContent()).toBe('Type 4000000 characters into the shell?')
  expect((await dialog.getByLabel('Text').inputValue()).length).toBeLessThan(5_000)
  await dialog.getByRole('button', { name: 'Type it' }).click()
  await waitUntil('all is typed', () => shells.typed(id).length >= before + 4_000_000)
  expect(
    shells
      .typed(id)
      .subarray(before)
      .equals(Buffer.from('abcdefgh'.repeat(500_000))),
  ).toBe(true)
  expect(await page.locator('#state').textContent()).toBe('Connected')
})

/** Opens a shell that nothing reaches any more, and pastes 4.8 MB, which the page asks about. `confirm`: the button that says yes. */
async function pasteIntoLostShell() {
  const shell = await openShell()
  const { page, shells } = shell
  shells.fault = { kind: 'lost', message: 'the connection to the session broke' }
  shells.cut()
  await pasteRepeated(page, 'abcdefgh', 600_000)
  return { ...shell, confirm: page.getByRole('dialog').getByRole('button', { name: 'Type it' }) }
}

test('a reload while a long paste waits says how much was not typed', async () => {
  const { page, shells, id, confirm } = await pasteIntoLostShell()
  await confirm.click()
  await page.reload()
  shells.fault = undefined
  await page
    .getByText('The page was loaded again while 4800000 bytes waited to be typed; they were not typed.')
    .waitFor()
  // Until something is typed, also when the connection broke or the page was loaded once more.
  shells.fault = { kind: 'lost', message: 'the connection to the session broke' }
  shells.cut()
  await page.getByText('The connection to the shell broke; trying again.').waitFor()
  shells.fault = undefined
  const remark = page.getByText(/4800000 bytes waited to be typed; they were not typed/)
  await remark.waitFor()
  await page.reload()
  await remark.waitFor()
  await page.keyboard.type('count 3\n')
  await waitForText(page, '3\n$')
  expect(shells.typed(id).toString()).toBe('count 3\r')
  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  expect(await remark.isVisible()).toBe(false)
})

test('what was confirmed is typed at once: also by a page that is left, or not shown, before its next frame', async () => {
  const { page, id, confirm } = await pasteIntoLostShell()
  await confirm.waitFor()
  const untyped = await page.evaluate(`(async () => {
    document.getElementById('ask-yes').click()
    // Microtasks only: the browser shows no frame and takes no event in between.
    for (let turn = 0; turn < 100; turn += 1) await undefined
    dispatchEvent(new Event('pagehide'))
    return JSON.parse(sessionStorage.getItem('terminal:${id}')).untyped
  })()`)
  expect(untyped).toBe(4_800_000)
})

test('a question that is left with Escape is answered with no; one that waits behind another is asked by itself', async () => {
  const { page, shells, id } = await openShell()
  const dialog = page.getByRole('dialog')
  const pasteLines = (text: string) => pasteRepeated(page, text, 1)
  await pasteLines('count 1\ncount 1\n')
  await pasteLines('count 2\ncount 2\ncount 2\n')
  await dialog.getByRole('heading', { name: 'Type 2 lines into the shell?' }).waitFor()
  await dialog.getByRole('button', { name: 'Type it' }).click()
  await dialog.getByRole('heading', { name: 'Type 3 lines into the shell?' }).waitFor()
  await waitForText(page, '$ count 1\n1\n$')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await page.keyboard.type('count 3\n')
  await waitForText(page, '3\n$')
  expect(shells.typed(id).toString()).toBe('count 1\rcount 1\rcount 3\r')
})

test('Redis away while keys are typed: the page says what it waits for, and nothing is lost or typed twice', async () => {
  const { page, id, shells } = await openShell({ timing: { ...patient, terminalNoticeMs: 200 } })
  await page.keyboard.type('count 2\n')
  await waitForText(page, '2\n$')
  await redis.stop()
  await page.keyboard.type('count 3\n')
  shells.cut()
  await page.getByText('The bot’s store (Redis) does not answer; waiting for it. Your shell goes on.').waitFor()
  await page.keyboard.type('count 4\n')
  await redis.restart()
  await waitForText(page, '4\n$')
  expect(shells.typed(id).toString()).toBe('count 2\rcount 3\rcount 4\r')
  expect(await screenOf(page)).toMatch(/count 3\n1\n2\n3\n\$ count 4\n1\n2\n3\n4\n\$$/)
  await waitUntil('the notice is gone', () => page.locator('#note').isHidden())
})

test('Redis away for longer than a lease: the connection is closed with the reason, since nobody can end the session', async () => {
  const { page, shells, id } = await openShell({
    timing: { ...patient, terminalLeaseMs: 1_500, terminalNoticeMs: 60_000 },
  })
  await redis.stop()
  await page.getByText('The bot’s store (Redis) can’t be reached; trying again. Your shell goes on.').waitFor()
  await page.keyboard.type('count 3\n')
  expect(shells.typed(id).toString()).toBe('')
  await redis.restart()
  await waitForText(page, '3\n$')
  expect(shells.typed(id).toString()).toBe('count 3\r')
})

test('Redis full while keys are typed: the shell is held back, not lost', async () => {
  const { page, shells, id } = await openShell({ timing: patient })
  const client = new Redis(redis.url())
  atEnd(async () => {
    await client.config('SET', 'maxmemory', '0')
    client.disconnect()
  })
  await client.config('SET', 'maxmemory', '1')
  await page.keyboard.type('count 50000\n')
  await page.keyboard.type('count 3\n')
  await client.config('SET', 'maxmemory', '0')
  await waitForText(page, '49999\n50000\n$ count 3\n1\n2\n3\n$')
  expect(shells.typed(id).toString()).toBe('count 50000\rcount 3\r')
})

/** Opens the program's page under another address, as a browser would that reaches it by that name. */
async function openAs(address: string, origin: string, path: string): Promise<Page> {
  const context = await browser().newContext()
  atEnd(() => context.close())
  const page = await context.newPage()
  await page.route(`${address}/**`, async (route) => {
    const { pathname } = new URL(route.request().url())
    const answer = await fetch(`${origin}${pathname}`)
    const headers = Object.fromEntries(answer.headers)
    await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) })
  })
  await page.goto(`${address}${path}`)
  return page
}

test('a page over plain http says that it needs https, and uses no link up', async () => {
  const flow = await openTerminalApp(redis)
  const link = await askForShell(flow, 'U0ALICE')
  const { pathname, hash } = new URL(link)
  const page = await openAs('http://chatops.example.com', flow.origin, `${pathname}${hash}`)
  await page.getByText(/This page works over https only. Tell the owner of the bot: "terminal: \{ url \}"/).waitFor()
  expect(await page.getByRole('button', { name: 'Open the shell' }).isVisible()).toBe(false)
  await openShellPage(await newPage(), link)
})

test('T30 a page under another name says where it works, and uses no link up', async () => {
  const flow = await openTerminalApp(redis)
  const link = await askForShell(flow, 'U0ALICE')
  const { pathname, hash } = new URL(link)
  const page = await openAs('https://chatops.example.com', flow.origin, `${pathname}${hash}`)
  await page.getByText(`This page works at ${flow.origin} only. Press “Open” under the session in the chat`).waitFor()
  await openShellPage(await newPage(), link)
})

test('an address that takes no WebSockets is told after some tries', async () => {
  const flow = await openTerminalApp(redis)
  const link = await askForShell(flow, 'U0ALICE')
  const context = await browser().newContext()
  atEnd(() => context.close())
  const page = await context.newPage()
  await page.routeWebSocket(/\/t\/connect$/, (socket) => socket.close())
  await page.goto(link)
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await page
    .getByText(/can’t be reached from this browser: its address doesn’t answer, or something on the way/)
    .waitFor()
})
