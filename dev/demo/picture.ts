import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { installPackages } from '#dev/machine/debian'
import { openDemo } from './demo-app.ts'

/**
 * Takes the README's screenshots (`npm run picture`): the web chat in a real browser, after real runs on the development cluster.
 * Writes them to docs/.
 */
const docs = join(import.meta.dirname, '../../docs')

async function takeScreenshots(browser: Browser, address: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 1330 }, colorScheme: 'light' })
  await page.goto(address)
  await page.getByRole('button', { name: '#incident' }).waitFor()
  const sendCommand = async (text: string, done: RegExp, person = 'alice@example.com') => {
    await page.getByLabel('You are').selectOption(person)
    await page.getByLabel('Command').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('section').last().getByText(done).first().waitFor({ timeout: 60_000 })
  }
  await sendCommand('shell node001 dig kubernetes.default.svc.cluster.local', /exit code 0/)
  await sendCommand('shell node001 systemctl status kubelet', /no set|granted|Not allowed/i)
  await sendCommand('shell node001 iptables -nvL | head -n 2', /exit code 0/, 'bob@example.com')
  await page.screenshot({ path: join(docs, 'web-chat.png') })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: join(docs, 'web-chat-phone.png') })
}

async function main(): Promise<void> {
  await installPackages(['chromium', 'fonts-dejavu-core'])
  const demo = await openDemo({
    context: undefined,
    redis: undefined,
    image: undefined,
    onProgress: (line) => console.error(line),
    reset: true,
  })
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  })
  try {
    await takeScreenshots(browser, demo.web)
  } finally {
    await browser.close()
    await demo.stop()
  }
}

await main()
