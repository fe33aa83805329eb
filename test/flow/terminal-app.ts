import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import type { Run } from '#core/runs/run'
import { freePort } from '#dev/machine/free-port'
import { redisRunStore } from '#src/redis/store/run-store'
import type { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { shown } from '#test/fakes/slack/shown'
import { type AppOptions, openApp } from './app.ts'
import { sealKey } from './settings.ts'
import { waitFor, waitUntil } from './wait-for.ts'

/** Policy of the tests: Alice has a plain shell, and a host shell that Bob approves. */
export const shellPolicy = `
capabilitySets:
  probe: { tools: [ping, dig] }
  plain-shell: { terminal: shell }
  host-shell: { terminal: shell, capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'], reason: required } }
groups:
  leads: [bob@example.com]
grants:
  - { to: [alice@example.com], sets: [probe, plain-shell, host-shell], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: ['group:leads'], sets: [probe, plain-shell], on: [{ nodes: '*' }] }
`

/** Opens the whole program with simulated shells. `keepData`: beside, or after, another one with the same Redis. */
export async function openTerminalApp(
  redis: ReturnType<typeof useRedis>,
  { keepData = false, ...more }: Partial<AppOptions> & { keepData?: boolean } = {},
) {
  if (!keepData) await redis.empty()
  const port = more.port ?? (await freePort())
  const origin = `http://localhost:${port}`
  const cluster = fakeCluster('dev', { ping: () => [{ out: 'pong\n' }] })
  const shells = fakeTerminal()
  const flow = await openApp({
    ...{ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, port, policy: shellPolicy },
    terminals: { shells, containers: shells },
    ...more,
    more: `terminal: { url: '${origin}' }\n${more.more ?? ''}`,
  })
  return {
    ...flow,
    origin,
    shells,
    changeRun: (id: string, change: (run: Run) => Run) => changeStored(redis.url(), id, change),
  }
}

/** Changes a stored run as the program does, with its signature. */
async function changeStored(url: string, id: string, change: (run: Run) => Run): Promise<void> {
  const client = new Redis(url)
  try {
    await redisRunStore(client, { secret: sealKey, now: Date.now }).changeRun(id, change)
  } finally {
    client.disconnect()
  }
}

export type TerminalApp = Awaited<ReturnType<typeof openTerminalApp>>

/** Resolves with the newest link that was sent to a person alone, after the first `before` messages. */
export async function linkFor({ slack }: Pick<TerminalApp, 'slack'>, user: string, before = 0): Promise<string> {
  const find = () =>
    slack.state.messages
      .slice(before)
      .filter(({ only }) => only === user)
      .map(({ blocks }) => /https?:\/\/[\w.:]+\/t\/\w+#[\w-]+/.exec(JSON.stringify(blocks))?.[0])
      .findLast((link) => link !== undefined)
  return waitFor('the link came', find, { instead: () => slack.state.messages.map(shown).join('\n') })
}

/** Asks for a shell, and resolves with its link. */
export async function askForShell(
  flow: Pick<TerminalApp, 'slack' | 'people'>,
  user: string,
  command = 'shell node001',
): Promise<string> {
  const before = flow.slack.state.messages.length
  await flow.people.command(user, command)
  return linkFor(flow, user, before)
}

/** Opens a link, presses its button, and waits for the prompt, which ends with `#` where the shell is root. */
export async function openShellPage(page: Page, link: string, prompt = '$ '): Promise<void> {
  await page.goto(link)
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await waitForText(page, prompt)
}

/** Returns what the terminal shows, a line each, without empty lines at its end. */
export function screenOf(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const rows = [...document.querySelectorAll('.xterm-accessibility-tree > div')]
    return rows.map((row) => row.textContent).join('\\n').trimEnd()
  })()`)
}

/** Returns the number of rows of the page's terminal. */
export async function rowsOf(page: Page): Promise<number> {
  return Number(await page.evaluate('document.querySelectorAll(".xterm-accessibility-tree > div").length'))
}

/** Waits until the terminal shows a text. */
export async function waitForText(page: Page, text: string): Promise<void> {
  let screen = ''
  const isShown = async () => {
    screen = await screenOf(page)
    return screen.includes(text.trimEnd())
  }
  await waitUntil(`the terminal shows ${text}`, isShown, { instead: () => screen })
}
