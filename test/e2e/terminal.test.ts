import { expect, test } from '@jest/globals'
import { freePort } from '#dev/machine/redis'
import { useBrowser, usePage } from '#test/environment/browser'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { buttonsOf } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { linkFor, openShellPage, screenOf, waitForText } from '#test/flow/terminal-app'
import { waitUntil } from '#test/flow/wait-for'

// The whole way of a shell: a signed command of Slack, a link, a browser, and bash in a container of a real cluster.

const redis = useRedis()
const cluster = useCluster()
const browser = useBrowser()
const newPage = usePage(browser)

const policy = `
capabilitySets:
  plain-shell: { terminal: shell }
  host-shell: { terminal: shell, capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], reason: required } }
groups:
  leads: [bob@example.com]
grants:
  - { to: [alice@example.com], sets: [plain-shell, host-shell], on: [{ nodes: '*' }, { namespaces: '*' }] }
`

async function open() {
  const port = await freePort()
  const more = `terminal: { url: 'http://localhost:${port}' }`
  return openApp({ redis: redis.url(), ...cluster().settings, policy, port, more })
}

type App = Awaited<ReturnType<typeof open>>

/** Asks for a shell, presses the link's button in a browser, and resolves with the page that shows a prompt. */
async function openShell(app: App, command: string) {
  const before = app.slack.state.messages.length
  await app.people.command('U0ALICE', command)
  const page = await newPage()
  await openShellPage(page, await linkFor(app, 'U0ALICE', before))
  return page
}

async function nothingIsLeft(): Promise<void> {
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0, 60)
}

test('a shell on a node: typed commands run in the node’s network, a reload keeps the shell, and its exit code is shown', async () => {
  const app = await open()
  const page = await openShell(app, 'shell node001')
  await page.keyboard.type('dig +short kubernetes.default.svc.cluster.local; echo "in $HOSTNAME"\n')
  await waitForText(page, '10.96.0.1')
  await waitForText(page, 'in node001')
  await page.keyboard.type('kept=yes\n')
  await page.reload()
  await waitForText(page, 'kept=yes')
  await page.keyboard.type('clear; echo "it is $kept"\n')
  await waitForText(page, 'it is yes')
  await page.keyboard.type('sleep 600\n')
  await page.keyboard.press('Control+C')
  await page.keyboard.type('exit 7\n')
  await page.getByText('The shell ended with exit code 7.').waitFor()
  await app.shows(/Shell on node\/node001 ended with exit code 7/)
  await nothingIsLeft()
}, 120_000)

test('a shell in a pod of a restricted namespace', async () => {
  const namespace = await hardenedNamespace(cluster(), 'shell')
  const app = await open()
  const page = await openShell(app, `shell -n ${namespace} pod/web-1`)
  await page.keyboard.type('ping -c 1 127.0.0.1; id -u\n')
  await waitForText(page, '1 packets transmitted, 1 received')
  expect(await screenOf(page)).not.toMatch(/^0$/m)
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
}, 120_000)

test('a host shell waits for another person, and is the node’s own then', async () => {
  const app = await open()
  const before = app.slack.state.messages.length
  await app.people.command('U0ALICE', 'shell --set host-shell --reason "the disk is full" node001')
  const card = await app.shows(/become root on node001/)
  expect(buttonsOf(card)['approve']).toBeDefined()
  await app.people.press('U0BOB', 'approve', card)
  const page = await newPage()
  await openShellPage(page, await linkFor(app, 'U0ALICE', before), '# ')
  await page.keyboard.type('chroot /host bash\n')
  await page.keyboard.type('systemctl is-active kubelet; cat /etc/hostname\n')
  await waitForText(page, 'active\nnode001')
  await page.keyboard.type('exit\n')
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  await nothingIsLeft()
}, 120_000)
