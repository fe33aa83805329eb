import { expect, test } from '@jest/globals'
import type { TerminalFault } from '#core/ports/terminal'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { askForShell, openShellPage, openTerminalApp, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())

async function openShell() {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  return { ...flow, page }
}

// The texts are those of src/kubernetes/terminal, whose tests have what the cluster says.
test.each<[string, TerminalFault, string]>([
  [
    'a container that used too much memory',
    'gone',
    'its container used more memory than it may have, and its node ended it (OOMKilled)',
  ],
  ['a pod that was deleted', 'gone', 'its pod was deleted'],
  [
    'an image without the runner’s verbs',
    'unsupported',
    'the shell image of this container has no runner that knows sessions',
  ],
  ['an API server that takes no WebSockets', 'refused', 'the API server, or a proxy before it, takes no WebSockets'],
  ['frames that somebody changed', 'tampered', 'a frame of the session has another key'],
])('%s ends the session with the reason, on the page and in the thread', async (_what, kind, message) => {
  const { page, shells, shows } = await openShell()
  shells.fault = { kind, message }
  shells.cut()
  await page.getByText(`This session has ended: ${message}. Open another one with: shell TARGET`).waitFor()
  const shown = await shows(/It ended because/)
  expect(JSON.stringify(shown.blocks)).toContain(message.slice(0, 40))
  await waitUntil('no container is left', () => shells.containers.size === 0)
})

test('a node that does not report: the page says so and tries again, and goes on when it is back', async () => {
  const { page, shells } = await openShell()
  const message = 'its node node001 is not ready (Kubelet stopped posting node status.)'
  shells.fault = { kind: 'lost', message, isExplained: true }
  shells.cut()
  await page.getByText(`The shell can’t be reached: ${message}. Trying again.`).waitFor()
  shells.fault = undefined
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.keyboard.type('count 3\n')
  await waitForText(page, '3\n$')
  expect(await page.locator('#note').isHidden()).toBe(true)
})
