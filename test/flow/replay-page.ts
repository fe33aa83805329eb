import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { App } from './app.ts'
import { waitUntil } from './wait-for.ts'

type Chat = Pick<App, 'slack' | 'people'>

/** Asks for a recording's link and resolves with it; undefined where none came. */
export async function replayLinkFor({ slack, people }: Chat, user: string, id: string): Promise<string | undefined> {
  const before = slack.state.messages.length
  await people.command(user, `replay ${id}`)
  await waitUntil('an answer came', () => slack.state.messages.length > before)
  const texts = slack.state.messages.slice(before).map(({ blocks }) => JSON.stringify(blocks))
  return texts.map((text) => /http:\/\/localhost\S+?\/t\/replay\/\w+#[\w-]+/.exec(text)?.[0]).find((link) => link)
}

/** Opens a page that replays Alice's recording, and waits until all of it is there. */
export async function openReplay(chat: Chat, page: Page, id: string): Promise<void> {
  await page.goto((await replayLinkFor(chat, 'U0ALICE', id)) ?? '')
  await page.getByRole('status').filter({ hasText: 'Ready' }).waitFor()
}

/** Presses a button of a page that downloads a file, and resolves with its text. */
export async function download(page: Page, button: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
  return readFileSync(await file.path(), 'utf8')
}
