import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '#dev/machine/chromium'
import { installPackages } from '#dev/machine/debian'
import { openDemo } from './demo-app.ts'

/**
 * Takes the README's screenshots (`npm run picture`): the web chat in a real browser, after real runs on the development cluster, and a shell.
 * Writes them to docs/.
 */
const docs = join(import.meta.dirname, '../../docs')

const alice = 'alice@example.com'
const bob = 'bob@example.com'

/** Types a command as a person, and waits until the newest thread shows a text. */
async function sendCommand(page: Page, text: string, done: RegExp, person = alice): Promise<void> {
  await page.getByLabel('You are').selectOption(person)
  await page.getByLabel('Command').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('section').last().getByText(done).first().waitFor({ timeout: 60_000 })
}

async function pictureChat(browser: Browser, address: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 1150 }, colorScheme: 'light' })
  await page.goto(address)
  await page.getByRole('button', { name: '#incident' }).waitFor()
  await sendCommand(page, 'shell node001 dig kubernetes.default.svc.cluster.local', /exit code 0/)
  await sendCommand(page, 'shell node001 systemctl status kubelet', /no set|granted|Not allowed/i)
  await sendCommand(page, 'shell node001 iptables -nvL | head -n 2', /exit code 0/, bob)
  await page.locator('section').nth(2).getByText('1 reply').click()
  await page.screenshot({ path: join(docs, 'web-chat.png') })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: join(docs, 'web-chat-phone.png') })
}

/** Lines that are typed into the shell, each with what it prints at its end. */
const typed = [
  ['ip -brief addr show scope global', 'UP'],
  ['dig +short kubernetes.default.svc.cluster.local @10.96.0.10', '10.96.0.1'],
  ['iptables -nvL INPUT', 'KUBE-FIREWALL'],
  ['ping -c 2 10.10.0.12', 'rtt min/avg/max'],
] as const

/** Pictures a real shell on a node, which Bob approved. */
async function pictureShell(browser: Browser, address: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 620 }, colorScheme: 'dark' })
  await page.goto(address)
  await page.getByRole('button', { name: '#general' }).click()
  await sendCommand(page, 'shell --set net-shell --reason "DNS is slow" node001', /waits for|approv/i)
  await page.getByLabel('You are').selectOption(bob)
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByLabel('You are').selectOption(alice)
  const link = await page.locator('a[href*="/t/"]').first().getAttribute('href', { timeout: 60_000 })
  await page.goto(link ?? '')
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await page.locator('.xterm-rows').getByText('# ').first().waitFor({ timeout: 60_000 })
  for (const [line, printed] of typed) {
    await page.keyboard.type(`${line}\n`)
    await page.locator('.xterm-rows').getByText(printed).first().waitFor()
  }
  await page.screenshot({ path: join(docs, 'shell.png') })
  await page.keyboard.type('exit\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
}

async function main(): Promise<void> {
  await installPackages(['fonts-dejavu-core'])
  const demo = await openDemo({
    context: undefined,
    redis: undefined,
    image: undefined,
    onProgress: (line) => console.error(line),
    reset: true,
  })
  const browser = await launchChromium()
  try {
    await pictureChat(browser, demo.web)
    await pictureShell(browser, demo.web)
  } finally {
    await browser.close()
    await demo.stop()
  }
}

await main()
