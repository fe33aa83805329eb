import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { type WebSocket, WebSocketServer } from 'ws'
import { launchChromium } from '#dev/machine/chromium'
import { freePort } from '#dev/machine/free-port'
import { httpServer } from '#src/app/http'
import { encodeData, type Outward } from '#src/terminal/wire'
import { mountReplayPages, type ReplayPageOptions } from '#src/web/terminal/replay-routes'
import { mountTerminalPages } from '#src/web/terminal/routes'
import { sampleRun, silentLog } from '#test/samples/run'

/** What a shell in a container of a node prints, as bash does: a prompt, and answers. */
const session = [
  '\u001b[01;32mnode001\u001b[00m:\u001b[01;34m~\u001b[00m# dig +short kubernetes.default.svc.cluster.local',
  '10.96.0.1',
  '\u001b[01;32mnode001\u001b[00m:\u001b[01;34m~\u001b[00m# ss -tlnp | head -n 3',
  'State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process',
  'LISTEN 0      4096       127.0.0.1:10248      0.0.0.0:*',
  'LISTEN 0      4096       10.10.0.11:10250     0.0.0.0:*',
  '\u001b[01;32mnode001\u001b[00m:\u001b[01;34m~\u001b[00m# ping -c 1 10.96.0.10',
  'PING 10.96.0.10 (10.96.0.10) 56(84) bytes of data.',
  '64 bytes from 10.96.0.10: icmp_seq=1 ttl=64 time=\u001b[33m0.087 ms\u001b[0m',
  '\u001b[01;32mnode001\u001b[00m:\u001b[01;34m~\u001b[00m# ',
].join('\r\n')

/** Speaks the protocol of sessions to a page, and prints one session. */
function play(socket: WebSocket): void {
  const send = (message: Outward) => socket.send(JSON.stringify(message))
  socket.once('message', () => {
    const until = new Date(Date.now() + 47 * 60_000).toISOString()
    const facts = { target: 'node/node001', set: 'net-shell', person: 'Alice', idle: 600, until }
    send({ type: 'ready', from: 0, gap: false, ...facts })
    send({ type: 'input', upTo: 0 })
    socket.send(encodeData(0, Buffer.from(session)), { binary: true })
  })
  send({ type: 'nonce', nonce: 'n', aliveMs: 20_000 })
}

const id = 'abcdefgh2345'

/** Returns what a replay page asks for: a recording of the session, a line each three seconds. */
function replays(): Pick<ReplayPageOptions, 'links' | 'replays'> {
  const startedAt = Date.UTC(2026, 0, 5, 3, 12)
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const lines = session.split(/(?<=\n)/).map((line, at) => [3_000 * at, 'o', encode(line)])
  const events = [[0, 'r', encode('80x24')], ...lines]
  const hash = 'sha256:7d0b1c6f0a3e5f9e2c8a4d1b6e3f7a9c5b2d8e4f1a6c3b9d7e5f2a8c4b1d6e3f'
  const facts = { id, target: 'node/node001', set: 'net-shell', person: 'Alice', startedAt }
  const head = { ...facts, endedAt: startedAt + 42_000, events: events.length, bytes: session.length, hash }
  const { request } = sampleRun()
  const grant = { run: id, by: request.by, account: request.account, thread: request.thread }
  return {
    links: { visitOf: async () => grant },
    replays: { look: async () => head, part: async () => ({ events }), text: async () => ({ text: '' }) },
  }
}

/** Pictures the replay of a recording at its end. */
async function pictureReplay(context: BrowserContext, origin: string, file: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(`${origin}/t/replay/${id}#token`)
  await page.getByRole('status').filter({ hasText: 'Ready' }).waitFor()
  await page.getByLabel('Position').press('End')
  await page.locator('.xterm-rows').getByText('icmp_seq').first().waitFor()
  await page.screenshot({ path: file })
}

const devices = {
  desk: { viewport: { width: 1_000, height: 560 } },
  phone: { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true },
}

/**
 * Pictures a shell's page on a desk and on a phone, light and dark, before and after it was opened, and the replay of its recording.
 * `folder`: for the pictures; emptied first.
 */
export async function pictureTerminal(browser: Browser, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const url = new URL(`http://localhost:${port}`)
  const http = httpServer({ log: silentLog })
  const sockets = new WebSocketServer({ noServer: true })
  mountTerminalPages({ url, mount: http.mount, log: silentLog, claim: async () => ({ claimed: true }) })
  mountReplayPages({ url, mount: http.mount, log: silentLog, ...replays() })
  http.mountUpgrade('/t/connect', (request, socket, head) => sockets.handleUpgrade(request, socket, head, play))
  await http.listen('127.0.0.1', port)
  try {
    for (const [name, device] of Object.entries(devices))
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({ ...device, colorScheme, deviceScaleFactor: 1 })
        const page = await context.newPage()
        await page.goto(`${url.origin}/t/${id}#token`)
        const button = page.getByRole('button', { name: 'Open the shell' })
        await button.waitFor()
        if (colorScheme === 'light') await page.screenshot({ path: join(folder, `${name}-start.png`) })
        await button.click()
        await page.getByText('Connected', { exact: true }).waitFor()
        await page.locator('.xterm-rows').getByText('icmp_seq').first().waitFor()
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
        await pictureReplay(context, url.origin, join(folder, `replay-${name}-${colorScheme}.png`))
        await context.close()
      }
  } finally {
    sockets.close()
    await http.close()
  }
}

if (import.meta.filename === process.argv[1]) {
  const browser = await launchChromium()
  await pictureTerminal(browser, join(import.meta.dirname, '../../docs/gallery/terminal')).finally(() =>
    browser.close(),
  )
}
