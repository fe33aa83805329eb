import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { toMessage } from '#adapters/slack/blocks'
import { teamsAdapter } from '#adapters/teams/index'
import { webAdapter } from '#adapters/web/index'
import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import { installPackages } from '#dev/machine/debian'
import { httpServer } from '#src/app/http'
import { startPlayground } from '#test/environment/playground'
import { guidOf, home } from '#test/fakes/entra/state'
import { messageError } from '#test/fakes/slack/limits'
import { startFakeTeams } from '#test/fakes/teams/server'
import { notices } from '#test/samples/notices'
import { silentLog } from '#test/samples/run'
import { memoryBoard } from './board.ts'

/**
 * `npm run gallery`: everything that the bot ever says, as each chat shows it, into docs/gallery/: Block Kit for Slack, checked
 * against its limits; pictures of a Teams-like client and of the web door.
 */
const folder = join(import.meta.dirname, '../../docs/gallery')
const names = notices.map((notice, at) => `${String(at + 1).padStart(2, '0')}-${notice.kind}`)

function slack(notice: Message, name: string): void {
  const message = toMessage(notice)
  const mistake = messageError(message.text, message.blocks as unknown as Record<string, unknown>[])
  if (mistake !== undefined) throw new Error(`${name}: Slack would say ${mistake}`)
  writeFileSync(join(folder, 'slack', `${name}.json`), `${JSON.stringify(message, undefined, 2)}\n`)
}

async function web(browser: Browser): Promise<void> {
  const people = [{ id: 'carol@example.com', name: 'Carol', groups: [] }]
  const door = webAdapter({ port: 0, people, channels: names, board: memoryBoard(), log: silentLog })
  await door.listen({ command: async () => undefined, action: async () => undefined, query: async () => [] })
  try {
    const page = await browser.newPage({ viewport: { width: 760, height: 1_000 } })
    await page.goto(door.address() ?? '')
    for (const [at, name] of names.entries()) {
      const thread: ThreadRef = { platform: 'web', team: 'local', channel: name }
      const notice = notices[at]
      if (notice !== undefined) await door.post(thread, notice)
      await page.getByRole('button', { name: `#${name}` }).click()
      await page.locator('.card').first().waitFor()
      await page
        .locator('article')
        .first()
        .screenshot({ path: join(folder, 'web', `${name}.png`) })
    }
  } finally {
    await door.close()
  }
}

async function teams(browser: Browser): Promise<void> {
  const fake = await startFakeTeams(home)
  const http = httpServer({ log: silentLog })
  const port = await http.listen('127.0.0.1', 0)
  const memory = new Map<string, string>()
  const { appId, secret, tenant } = fake.state
  const door = teamsAdapter({
    ...{ appId, secret, tenant, loginUrl: fake.url, openIdUrl: `${fake.url}/openid` },
    memory: { set: async (key, text) => void memory.set(key, text), get: async (key) => memory.get(key) },
    account: async (ref) => ({ ...ref, name: 'Carol', kind: 'member', groups: [] }),
    mount: http.mount,
    log: silentLog,
  })
  const heard = Promise.withResolvers<ThreadRef>()
  await door.listen({
    command: async ({ thread }) => void heard.resolve(thread),
    action: async () => undefined,
    query: async () => [],
  })
  const playground = await startPlayground(fake, `http://127.0.0.1:${port}/teams/messages`, guidOf(101))
  try {
    const page = await browser.newPage({ viewport: { width: 1_250, height: 1_400 } })
    await page.goto(playground.url)
    await page.locator('[role=textbox][contenteditable]').first().click()
    await page.keyboard.type('help')
    await page.keyboard.press('Enter')
    const thread = await heard.promise
    for (const [at, name] of names.entries()) {
      const notice = notices[at]
      if (notice === undefined) continue
      await door.post(thread, notice)
      const card = cards(page).nth(at)
      await card.waitFor()
      await card.scrollIntoViewIfNeeded()
      await card.screenshot({ path: join(folder, 'teams', `${name}.png`) })
    }
  } finally {
    await playground.close()
    await http.close()
    await fake.close()
  }
}

/** The cards of a conversation, oldest first. */
const cards = (page: Page) => page.locator('.ac-adaptiveCard')

/** All of it in one page, side by side. */
function contents(): string {
  const rows = names.map(
    (name) => `| ${name} | ![](teams/${name}.png) | ![](web/${name}.png) | [${name}.json](slack/${name}.json) |`,
  )
  return `# Everything that the bot says\n\nMade by \`npm run gallery\`.\n\n| | Teams | web | Slack |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

async function main(): Promise<void> {
  await installPackages(['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'])
  for (const part of ['slack', 'teams', 'web']) {
    rmSync(join(folder, part), { recursive: true, force: true })
    mkdirSync(join(folder, part), { recursive: true })
  }
  for (const [at, notice] of notices.entries()) slack(notice, names[at] ?? '')
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  try {
    await web(browser)
    await teams(browser)
  } finally {
    await browser.close()
  }
  writeFileSync(join(folder, 'notices.md'), contents())
}

await main()
