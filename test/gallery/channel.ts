import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { toMessage } from '#adapters/slack/blocks'
import { webAdapter } from '#adapters/web/index'
import { type ThreadRef, threadUnder } from '#core/messages/thread-ref'
import type { ChatAdapter } from '#core/ports/chat'
import { memoryEventStream } from '#test/fakes/event-stream'
import { recordInbound } from '#test/fakes/record-inbound'
import { silentLog } from '#test/samples/run'
import { twentyRuns } from './twenty-runs.ts'

/** Channels with twenty runs: with the output in threads, and with all of it in the channel. */
const channels = ['incident', 'incident-before'] as const

/** Posts twenty runs into both channels of a web chat, and takes a picture of what one screen shows of each. */
export async function pictureChannels(browser: Browser, folder: string): Promise<void> {
  const people = [{ id: 'carol@example.com', name: 'Carol', groups: [] }]
  const adapter = webAdapter({ port: 0, people, channels, eventStream: memoryEventStream(), log: silentLog })
  await adapter.listen(recordInbound().handlers)
  try {
    const page = await browser.newPage({ viewport: { width: 1_440, height: 1_260 } })
    await page.goto(adapter.address() ?? '')
    for (const channel of channels) {
      await postRuns(adapter, channel)
      await page.getByRole('button', { name: `#${channel}`, exact: true }).click()
      await page
        .locator('.card')
        .nth(twentyRuns.length - 1)
        .waitFor({ state: 'attached' })
      await page.screenshot({ path: join(folder, `${channel}-web.png`) })
    }
    await pictureSlack(page, join(folder, 'incident-slack.png'))
  } finally {
    await adapter.close()
  }
}

async function postRuns(adapter: ChatAdapter, channel: (typeof channels)[number]): Promise<void> {
  const place: ThreadRef = { platform: 'web', team: 'local', channel }
  for (const message of twentyRuns) {
    if (channel === 'incident-before') {
      await adapter.post(place, message)
      continue
    }
    const root = await adapter.post(place, { ...message, part: 'root' })
    if (message.kind !== 'queued') await adapter.post(threadUnder(root), { ...message, part: 'thread' })
  }
}

/** Takes a picture of the same channel from the Block Kit that Slack gets, in Slack's proportions. */
async function pictureSlack(page: Page, path: string): Promise<void> {
  const messages = twentyRuns.map((message) => ({
    sent: toMessage({ ...message, part: 'root' }),
    replies: message.kind === 'queued' ? 0 : 1,
  }))
  await page.evaluate(`(${drawSlack})(${JSON.stringify(messages)})`)
  await page.screenshot({ path, fullPage: true })
}

/** Script that draws messages as Slack's channel does, with the renderer of the web chat's preview. */
const drawSlack = `async (messages) => {
  const { rendering } = await import('/other-chats-preview.js')
  const articles = messages.map(({ sent, replies }) => {
    const article = rendering('slack', sent)
    article.querySelector('details')?.remove()
    const link = document.createElement('p')
    link.className = 'small'
    link.textContent = replies === 0 ? '' : '1 reply'
    article.append(link)
    article.style.cssText = 'border: 0; padding: 4px 20px; margin: 0; max-width: none; font: 15px/1.46 sans-serif'
    return article
  })
  document.body.replaceChildren(...articles)
  document.body.style.cssText = 'display: block; overflow: auto; height: auto'
  document.documentElement.style.height = 'auto'
}`
