import { afterAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { webAdapter } from '#adapters/web/index'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { httpServer } from '#src/app/http'
import { mountPasskeyPages } from '#src/web/passkeys/routes'
import { useBrowser } from '#test/environment/browser'
import { memoryEventStream } from '#test/fakes/event-stream'
import { recordInbound } from '#test/fakes/record-inbound'
import { approvalCards, type CardTexts, harmless } from '#test/samples/approval-cards'
import { hostileTexts } from '#test/samples/hostile-text'
import { silentLog } from '#test/samples/run'

const browser = useBrowser()
const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

/** Returns the card of a waiting request whose texts are all this one. */
function cardWith(text: string): Message {
  const parts = Object.fromEntries(Object.keys(harmless).map((part) => [part, text])) as CardTexts
  const [card] = approvalCards(parts)
  if (card === undefined) throw new Error('no card')
  return card
}

const plain = approvalCards(harmless)[0]

/** Returns the elements below one, each with its class and the number of its lines. */
async function elementsOf(page: Page, selector: string): Promise<string[]> {
  const shown: string[] = await page.locator(selector).evaluateAll((roots) =>
    roots.flatMap((root) =>
      [...root.querySelectorAll('*')].map((each) => {
        const lines = each.children.length === 0 ? each.textContent.split(/[\n\r\v\f\u0085\u2028\u2029]/).length : 0
        return `${each.tagName}.${each.className} ${lines}`
      }),
    ),
  )
  return shown
}

test('T48 no text adds an element or a line to a card in the web chat', async () => {
  const people = [{ id: 'alice@example.com', name: 'Alice', groups: [] }]
  const channels = ['plain', 'hostile']
  const adapter = webAdapter({ port: 0, people, channels, eventStream: memoryEventStream(), log: silentLog })
  closing.push(() => adapter.close())
  await adapter.listen(recordInbound().handlers)
  const threadOf = (channel: string) => ({ platform: 'web' as const, team: 'local', channel })
  if (plain !== undefined) await adapter.post(threadOf('plain'), plain)
  for (const text of hostileTexts) await adapter.post(threadOf('hostile'), cardWith(text))
  const page = await browser().newPage({ viewport: { width: 1_600, height: 1_000 } })
  closing.push(() => page.close())
  await page.goto(adapter.address() ?? '')
  await page.locator('.card').first().waitFor()
  const expected = await elementsOf(page, '.card')
  expect(expected).toContain('DD.code 1')
  await page.getByRole('button', { name: '#hostile' }).click()
  await page
    .locator('.card')
    .nth(hostileTexts.length - 1)
    .waitFor()
  for (const [at, text] of hostileTexts.entries())
    expect([text, await elementsOf(page, `article:nth-child(1) >> nth=${at} >> .card`)]).toEqual([text, expected])
})

test('T48 no text adds an element or a line to the page on which an approval is confirmed with a passkey', async () => {
  const http = httpServer({ log: silentLog })
  const port = await http.listen('127.0.0.1', 0)
  closing.push(http.close)
  const cards = [plain, ...hostileTexts.map(cardWith)]
  const account = { platform: 'slack', team: 'T0HOME', user: 'U0BOB' } as const
  const thread = { platform: 'slack', team: 'T0HOME', channel: 'C0' } as const
  mountPasskeyPages({
    passkeys: {
      use: async () => ({ refused: 'not here' }),
      async look(token) {
        const by = {
          id: 'bob@example.com',
          name: Number(token) === 0 ? 'Bob' : (hostileTexts[Number(token) - 1] ?? ''),
        }
        const confirmation = { kind: 'approve', run: token, specHash: '', by, account, window: false, thread } as const
        return { confirmation, options: {} }
      },
    },
    url: new URL(`http://127.0.0.1:${port}`),
    mount: http.mount,
    log: silentLog,
    async words({ by, ...confirmation }) {
      const card = 'run' in confirmation ? cards[Number(confirmation.run)] : undefined
      return card === undefined ? undefined : renderMessage(card)
    },
    done: async () => '',
  })
  const page = await browser().newPage({ viewport: { width: 1_600, height: 1_000 } })
  closing.push(() => page.close())
  const shown: string[][] = []
  for (const at of cards.keys()) {
    await page.goto(`http://127.0.0.1:${port}/confirm#${at}`)
    await page.getByRole('button', { name: 'Approve with my passkey' }).waitFor()
    shown.push(await elementsOf(page, 'main'))
    await page.goto('about:blank')
  }
  expect(shown[0]).toContain('DD.code 1')
  for (const [at, text] of hostileTexts.entries()) expect([text, shown[at + 1]]).toEqual([text, shown[0]])
})
