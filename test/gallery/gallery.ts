import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { toMessage } from '#adapters/slack/blocks'
import { teamsAdapter } from '#adapters/teams/index'
import { webAdapter } from '#adapters/web/index'
import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import { launchChromium } from '#dev/machine/chromium'
import { installPackages } from '#dev/machine/debian'
import { freePort } from '#dev/machine/free-port'
import { httpServer } from '#src/app/http'
import { startPlayground } from '#test/environment/playground'
import { guidOf, home } from '#test/fakes/entra/state'
import { memoryEventStream } from '#test/fakes/event-stream'
import { recordInbound } from '#test/fakes/record-inbound'
import { messageError } from '#test/fakes/slack/limits'
import { startFakeTeams } from '#test/fakes/teams/server'
import { memoryValues } from '#test/fakes/values'
import { sampleMessages } from '#test/samples/messages'
import { silentLog } from '#test/samples/run'
import { pictureChannels } from './channel.ts'
import { names } from './file-names.ts'
import { pictureHeatTables } from './heat-tables.ts'
import { pictureTerminal } from './terminal-page.ts'

/**
 * `npm run gallery` writes every kind of message as each chat shows it to docs/gallery/: Block Kit for Slack, checked against
 * Slack's limits; screenshots of a Teams-like client and of the web chat.
 */
const folder = join(import.meta.dirname, '../../docs/gallery')

function slack(message: Message, name: string): void {
  const slackMessage = toMessage(message)
  const mistake = messageError(slackMessage.text, slackMessage.blocks as unknown as Record<string, unknown>[])
  if (mistake !== undefined) throw new Error(`${name}: Slack would refuse it with ${mistake}`)
  writeFileSync(join(folder, 'slack', `${name}.json`), `${JSON.stringify(slackMessage, undefined, 2)}\n`)
}

async function web(browser: Browser): Promise<void> {
  const people = [{ id: 'carol@example.com', name: 'Carol', groups: [] }]
  const adapter = webAdapter({
    port: 0,
    people,
    channels: names,
    eventStream: memoryEventStream(),
    log: silentLog,
  })
  await adapter.listen(recordInbound().handlers)
  try {
    const page = await browser.newPage({ viewport: { width: 760, height: 1_600 } })
    await page.goto(adapter.address() ?? '')
    for (const [at, name] of names.entries()) {
      const thread: ThreadRef = { platform: 'web', team: 'local', channel: name }
      const message = sampleMessages[at]
      if (message !== undefined) await adapter.post(thread, message)
      await page.getByRole('button', { name: `#${name}` }).click()
      await page.locator('.card').first().waitFor()
      await page
        .locator('article')
        .first()
        .screenshot({ path: join(folder, 'web', `${name}.png`) })
    }
  } finally {
    await adapter.close()
  }
}

async function teams(browser: Browser): Promise<void> {
  const fake = await startFakeTeams(home)
  const http = httpServer({ log: silentLog })
  const port = await http.listen('127.0.0.1', 0)
  const values = memoryValues()
  const clientPort = await freePort()
  const { appId, secret, tenant } = fake.state
  const adapter = teamsAdapter({
    ...{ appId, secret, tenant, loginUrl: fake.url, openIdUrl: `${fake.url}/openid` },
    values,
    serviceHosts: [`localhost:${clientPort}`],
    account: async (ref) => ({ ...ref, name: 'Carol', kind: 'member', groups: [] }),
    mount: http.mount,
    log: silentLog,
  })
  const received = Promise.withResolvers<ThreadRef>()
  const { handlers } = recordInbound(({ thread }) => {
    received.resolve(thread)
    return { ok: true }
  })
  await adapter.listen(handlers)
  const playground = await startPlayground(fake, `http://127.0.0.1:${port}/teams/messages`, guidOf(101), clientPort)
  try {
    const page = await browser.newPage({ viewport: { width: 1_250, height: 1_400 } })
    await page.goto(playground.url)
    await page.locator('[role=textbox][contenteditable]').first().click()
    await page.keyboard.type('help')
    await page.keyboard.press('Enter')
    const thread = await received.promise
    for (const [at, name] of names.entries()) {
      const message = sampleMessages[at]
      if (message === undefined) continue
      await adapter.post(thread, message)
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

/** Returns the Markdown page that shows all messages, with the chats side by side. */
function contents(): string {
  const rows = names.map(
    (name) => `| ${name} | ![](teams/${name}.png) | ![](web/${name}.png) | [${name}.json](slack/${name}.json) |`,
  )
  return `# All messages of the bot\n\nGenerated by \`npm run gallery\`.\n\n| | Teams | web | Slack |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

async function main(): Promise<void> {
  await installPackages(['fonts-dejavu-core', 'fonts-noto-color-emoji'])
  for (const part of ['slack', 'teams', 'web', 'channel', 'triage']) {
    rmSync(join(folder, part), { recursive: true, force: true })
    mkdirSync(join(folder, part), { recursive: true })
  }
  for (const [at, message] of sampleMessages.entries()) slack(message, names[at] ?? '')
  const browser = await launchChromium()
  try {
    await web(browser)
    await pictureChannels(browser, join(folder, 'channel'))
    await pictureHeatTables(browser, join(folder, 'triage'))
    await teams(browser)
    await pictureTerminal(browser, join(folder, 'terminal'))
  } finally {
    await browser.close()
  }
  writeFileSync(join(folder, 'messages.md'), contents())
}

await main()
