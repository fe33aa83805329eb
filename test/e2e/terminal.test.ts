import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { nodeExec } from '#dev/dev-cluster/node'
import { freePort } from '#dev/machine/free-port'
import { openPhonePage, useBrowser, usePage } from '#test/environment/browser'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { nodeProcesses } from '#test/environment/sessions'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { buttonsOf } from '#test/fakes/slack/shown'
import { atEnd, openApp } from '#test/flow/app'
import { download, openReplay } from '#test/flow/replay-page'
import { askForShell, linkFor, openShellPage, rowsOf, screenOf, waitForText } from '#test/flow/terminal-app'
import { waitUntil } from '#test/flow/wait-for'

// The whole way of a shell: a signed command of Slack, a link, a browser, and bash in a container of a real cluster.

const redis = useRedis()
const cluster = useCluster()
const browser = useBrowser()
const newPage = usePage(browser)

const policy = `
capabilitySets:
  plain-shell: { terminal: shell, recordInput: lines }
  host-shell: { terminal: shell, capabilities: [SYS_CHROOT, NET_ADMIN, NET_RAW], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], reason: required } }
groups:
  leads: [bob@example.com]
grants:
  - { to: [alice@example.com], sets: [plain-shell, host-shell], on: [{ nodes: '*' }, { namespaces: '*' }] }
`

/** The seed's examples, with what they print. Addresses are those of the development cluster: 10.96.0.1 is the API server. */
const connectivity = [
  ['dig example.com +short', /^93\.184\.215\.14$/m],
  ['nc -zv 10.96.0.1 443', /Ncat: Connected to 10\.96\.0\.1:443\./],
  ['curl -k https://10.96.0.1', /"reason": "Unauthorized"/],
] as const
const rulesAndFiles = [
  ['iptables -nvL | head -n 2', /Chain INPUT \(policy \w+ \S+ packets, \S+ bytes\)\n pkts bytes target/],
  ['nft list ruleset | head -n 2', /^table (ip|inet) /m],
  ['ls /host', /^bin\b[\s\S]*\betc\b[\s\S]*\busr\b/m],
] as const
const onTheNode = [
  ['cat /etc/resolv.conf | tail -n 2', /^nameserver \S+$/m],
  ['systemctl status | head -n 2', /^● node001\n {4}State: (running|degraded|starting)$/m],
] as const

async function open() {
  const port = await freePort()
  const more = `terminal: { url: 'http://localhost:${port}' }`
  return openApp({ redis: redis.url(), ...cluster().settings, policy, port, more })
}

type App = Awaited<ReturnType<typeof open>>

/** Asks for a shell, presses the link's button in a browser, and resolves with the page that shows a prompt. */
async function openShell(app: App, command: string) {
  const page = await newPage()
  await openShellPage(page, await askForShell(app, 'U0ALICE', command))
  return page
}

/** Types a command on a cleared screen, and waits until its output is there; `output` may not match the command itself. */
async function typeCommand(page: Page, command: string, output: RegExp): Promise<void> {
  await page.keyboard.type(`clear; ${command}\n`)
  let screen = ''
  const isThere = async () => {
    screen = await screenOf(page)
    return output.test(screen)
  }
  await waitUntil(`${command} printed ${output}`, isThere, { instead: () => screen })
}

async function nothingIsLeft(): Promise<void> {
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
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
  for (const [command, output] of connectivity) await typeCommand(page, command, output)
  await page.keyboard.type('clear; ping 10.10.0.12\n')
  await waitForText(page, 'icmp_seq=2')
  await page.keyboard.press('Control+C')
  await waitForText(page, ', 0% packet loss')
  // Printed by the job itself: a Ctrl-C before it runs would end nothing.
  await page.keyboard.type(`sh -c 'echo $((40 + 2)) begun; exec sleep 600'\n`)
  await waitForText(page, '42 begun')
  await page.keyboard.press('Control+C')
  await page.keyboard.type('exit 7\n')
  await page.getByText('The shell ended with exit code 7.').waitFor()
  await app.shows(/Shell on node\/node001 ended with exit code 7/)
  await nothingIsLeft()
})

test('top draws its screen, also after the window was resized, and ends by its key', async () => {
  const app = await open()
  const page = await openShell(app, 'shell node001')
  await page.keyboard.type('top -d 0.5\n')
  /** Time in top's first line, which is the screen's first; undefined where the screen isn't top's. */
  const drawnAt = async () => /^top - (\S+) [\s\S]*\n +PID USER /.exec(await screenOf(page))?.[1]
  await waitUntil('top has drawn its screen', async () => (await drawnAt()) !== undefined)
  const rows = await rowsOf(page)
  await page.setViewportSize({ width: 900, height: 420 })
  await waitUntil('the screen has fewer rows', async () => (await rowsOf(page)) < rows)
  const before = await drawnAt()
  await waitUntil('top has drawn the smaller screen', async () => ![before, undefined].includes(await drawnAt()))
  await page.keyboard.type('q')
  // What is typed before top has ended is lost: it empties the terminal's input.
  await waitUntil('the prompt is back', async () => (await screenOf(page)).trimEnd().endsWith('$'))
  await typeCommand(page, 'stty size', new RegExp(`^${await rowsOf(page)} \\d+$`, 'm'))
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
})

test('on a phone, whole lines are typed into a shell, and ^C from the bar of keys', async () => {
  const app = await open()
  const page = await openPhonePage(browser())
  await openShellPage(page, await askForShell(app, 'U0ALICE'))
  await page.getByLabel('Line to type').fill('ping 127.0.0.1')
  await page.getByRole('button', { name: 'Send' }).click()
  await waitForText(page, 'icmp_seq=1')
  await page.getByRole('button', { name: '^C, interrupt' }).click()
  await waitForText(page, '--- 127.0.0.1 ping statistics ---')
  await page.getByLabel('Line to type').fill('exit 4')
  await page.keyboard.press('Enter')
  await page.getByText('The shell ended with exit code 4.').waitFor()
})

test('a shell in a pod of a restricted namespace', async () => {
  const namespace = await hardenedNamespace(cluster(), 'shell')
  const app = await open()
  const page = await openShell(app, `shell -n ${namespace} pod/web-1`)
  await page.keyboard.type('ping -c 1 127.0.0.1; id -u\n')
  await waitForText(page, '1 packets transmitted, 1 received')
  expect(await screenOf(page)).not.toMatch(/^0$/m)
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
})

test('a host shell waits for another person, and is the node’s own then', async () => {
  const app = await open()
  const before = app.slack.state.messages.length
  await app.people.command('U0ALICE', 'shell --set host-shell --reason "the disk is full" node001')
  const card = await app.shows(
    /become root on node001: it can start systemd units, read every secret there and end any process/,
  )
  expect(buttonsOf(card)['approve']).toBeDefined()
  await app.people.press('U0BOB', 'approve', card)
  const page = await newPage()
  await openShellPage(page, await linkFor(app, 'U0ALICE', before), '# ')
  for (const [command, output] of rulesAndFiles) await typeCommand(page, command, output)
  await page.keyboard.type('chroot /host bash\n')
  await page.keyboard.type('systemctl is-active kubelet; cat /etc/hostname\n')
  await waitForText(page, 'active\nnode001')
  for (const [command, output] of onTheNode) await typeCommand(page, command, output)
  // T36: what the card said is so, and what a unit is outlives the session.
  const unit = `t36-${cluster().namespace}`
  const startUnit = (name: string, sleep: string) => [
    'systemd-run',
    '--quiet',
    '--collect',
    `--unit=${name}`,
    'sleep',
    sleep,
  ]
  atEnd(async () => void (await nodeExec('node001', ['systemctl', 'stop', unit, `${unit}-own`]).catch(() => undefined)))
  await nodeExec('node001', startUnit(`${unit}-own`, '36001'))
  await page.keyboard.type(`${startUnit(unit, '36002').join(' ')}\n`)
  await page.keyboard.type('setsid sleep 36003 &\n')
  await page.keyboard.type("kill $(pgrep -f 'sleep 36001$'); clear; echo $((40 + 2)) done\n")
  await waitForText(page, '42 done')
  await waitUntil(
    'it ended a process of the node, and its own run',
    async () => (await sleeps()).join() === '36002,36003',
  )
  await page.keyboard.type('exit\n')
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  await nothingIsLeft()
  await waitUntil('its own processes have ended', async () => !(await sleeps()).includes('36003'))
  expect(await sleeps()).toEqual(['36002'])
  expect(await nodeExec('node001', ['systemctl', 'is-active', unit])).toBe('active\n')
})

/** Resolves with the numbers of the processes of node001 that sleep for 10 hours and some seconds. */
async function sleeps(): Promise<string[]> {
  const lines = await nodeProcesses('node001', 'sleep 3600')
  return lines.flatMap((line) => /sleep (3600\d)$/.exec(line)?.[1] ?? []).toSorted()
}

/** Commands that ask for a secret without showing it: each prints its prompt by words that aren't in its own line, and the secret's length or a failure. */
const hiddenPrompts = [
  ['bash’s own', 'read -rsp "Code $((40 + 2)): " code; echo "of ${#code}"', 'Code 42: ', 'w7Kq read 92', 'of 12'],
  ['getpass', 'curl -sS -u bob http://127.0.0.1:9/', 'password for user', 'x5Tz-getpass-38', 'curl: (7)'],
  [
    'ECHO off',
    'stty -echo; echo "Pin $((40 + 2))"; read -r pin; stty echo; echo "pin ${#pin}"',
    'Pin 42',
    'q8Rn-stty-47',
    'pin 12',
  ],
  [
    'raw mode',
    'set -- "$(stty -g)"; stty raw -echo; printf "Raw $((40 + 2)): "; k=; while c=$(head -c1); [ "$c" != $\'\\r\' ]; do k+=$c; printf "*"; done; stty "$1"; echo " raw ${#k}"',
    'Raw 42: ',
    'p3Lv-rawmode-61',
    'raw 15',
  ],
] as const

test('T51 what is typed at prompts that show nothing, or stars, is in no recording, index or log', async () => {
  const app = await open()
  const link = await askForShell(app, 'U0ALICE')
  const page = await newPage()
  await openShellPage(page, link)
  for (const [, command, prompt, secret, after] of hiddenPrompts) {
    await page.keyboard.type(`${command}\n`)
    await waitForText(page, prompt)
    await page.keyboard.type(`${secret}\n`)
    await waitForText(page, after)
  }
  await page.keyboard.type('exit 0\n')
  await app.shows(/Hash of the recording/)
  await openReplay(app, page, /\/t\/(\w+)#/.exec(link)?.[1] ?? '')
  const events = (await download(page, 'Download asciicast v3'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const textOf = (code: string) => events.flatMap((event) => (event[1] === code ? event[2] : [])).join('')
  const places = {
    output: textOf('o').replaceAll('*', ''),
    input: textOf('i'),
    text: await download(page, 'Download text'),
    // Everything that was ever written there: the recording's parts, their index, runs, commands, the audit log.
    redis: redis.written().toString('latin1'),
    log: app.logs.join('\n'),
    chat: JSON.stringify(app.slack.state.messages),
  }
  const found = Object.entries(places).flatMap(([place, text]) =>
    hiddenPrompts.filter(([, , , secret]) => text.includes(secret)).map(([kind]) => `${place}: ${kind}`),
  )
  expect(found).toEqual([])
  // Each place has what belongs there.
  for (const [, , prompt, , after] of hiddenPrompts)
    expect([places.output.includes(prompt), places.output.includes(after)]).toEqual([true, true])
  // The others may be typed before the prompt is back, and then aren't echoed at once.
  expect(places.input).toContain(hiddenPrompts[0][1])
  for (const what of ['session-claimed', 'recording-opened']) expect(places.redis).toContain(what)
})
