import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { askForShell, openShellPage, openTerminalApp, screenOf, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())

test('a reload goes on where the page was: the same screen, the same shell, nothing doubled', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  await page.keyboard.type('count 5\n')
  await waitForText(page, '5\n$')
  const before = await screenOf(page)
  for (let times = 0; times < 3; times += 1) {
    await page.reload()
    await waitForText(page, '5\n$')
    expect(await screenOf(page)).toBe(before)
  }
  await page.keyboard.type('count 6\n')
  await waitForText(page, '6\n$')
  expect(flow.shells.started).toHaveLength(1)
})

test('a cut while much is printed and typed loses and doubles nothing', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  const received: Buffer[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string' && payload.length > 9) received.push(payload)
    })
  })
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  for (let round = 0; round < 5; round += 1) {
    await page.keyboard.type(`count 2000${round}\n`)
    flow.shells.cut()
    await page.keyboard.type('abc')
    await waitForText(page, `2000${round}\n$ abc`)
    await page.keyboard.press('Control+c')
    await waitForText(page, '^C\n$')
  }
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  // Puts the frames together by byte number, as the page does.
  const pieces = received.map((frame) => ({ from: Number(frame.readBigUInt64BE(1)), bytes: frame.subarray(9) }))
  const hash = createHash('sha256')
  let next = 0
  for (const { from, bytes } of pieces) {
    expect(from).toBeLessThanOrEqual(next)
    const fresh = bytes.subarray(next - from)
    hash.update(fresh)
    next += fresh.length
  }
  const [total, sha256] = (await page.evaluate(
    '[document.documentElement.dataset.total, document.documentElement.dataset.sha256]',
  )) as [string, string]
  expect([String(next), hash.digest('hex')]).toEqual([total, sha256])
})

test('another process goes on with a session whose process stops', async () => {
  const shells = fakeTerminal()
  const first = await openTerminalApp(redis, { terminals: { shells, containers: shells } })
  const page = await newPage()
  await openShellPage(page, await askForShell(first, 'U0ALICE'))
  await page.keyboard.type('count 4\n')
  await waitForText(page, '4\n$')
  await first.stop()
  await page
    .getByText(/Connection lost; connecting again|restarts; connecting again/)
    .first()
    .waitFor()
  await openTerminalApp(redis, {
    ...{ terminals: { shells, containers: shells }, port: Number(new URL(first.origin).port), slack: first.slack },
    keepData: true,
  })
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.keyboard.type('count 5\n')
  await waitForText(page, '5\n$')
  expect(shells.started).toHaveLength(1)
})

test('a container that is gone ends the session with the reason; one that can’t be made says why', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  flow.shells.fault = { kind: 'gone', message: 'the container has ended' }
  flow.shells.cut()
  await page.getByText(/This session has ended: the container has ended/).waitFor()
  flow.shells.fault = { kind: 'unsupported', message: 'the shell image has no runner that knows sessions' }
  await page.goto(await askForShell(flow, 'U0ALICE'))
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await page.getByText(/This session has ended: the shell image has no runner that knows sessions/).waitFor()
  await flow.shows(/It ended because the shell image has no runner/)
  await waitUntil('no container is left', () => flow.shells.containers.size === 0)
})
