import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { cli } from '#test/cli/run-cli'
import { accessibilityViolations } from '#test/environment/axe'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { atEnd } from './app.ts'
import { download, openReplay, replayLinkFor } from './replay-page.ts'
import { sealKey } from './settings.ts'
import { askForShell, openShellPage, openTerminalApp, screenOf, type TerminalApp, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())

const idOf = (link: string) => /\/t\/(\w+)#/.exec(link)?.[1] ?? ''

/** Opens a shell, lets it print, and ends it; resolves with its id once its recording is closed. */
async function recordShell(flow: TerminalApp, page: Page, lines: readonly string[] = ['count 3']): Promise<string> {
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  for (const line of lines) await page.keyboard.type(`${line}\n`)
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  await flow.shows(/Shell on node\/node001 ended[\s\S]*Hash of the recording/)
  return idOf(link)
}

/** Runs `recording verify` as operators do. */
const verify = (flow: TerminalApp, id: string) =>
  cli(['recording', 'verify', id, '--config', flow.file], { REDIS_URL: redis.url(), RETINA_SEAL_KEY: sealKey })

async function replayPage(flow: TerminalApp, id: string): Promise<Page> {
  const page = await newPage()
  await openReplay(flow, page, id)
  return page
}

function client(): Redis {
  const connection = new Redis(redis.url())
  atEnd(async () => connection.disconnect())
  return connection
}

test.each(['light', 'dark'] as const)(
  'T32 a session is recorded, its thread links to it, and a page replays it: %s',
  async (colorScheme) => {
    const flow = await openTerminalApp(redis)
    const id = await recordShell(flow, await newPage())
    const ended = await flow.shows(/Hash of the recording/)
    expect(buttonsOf(ended)['replay']).toBe(id)
    const page = await newPage()
    await page.emulateMedia({ colorScheme })
    const problems: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    const link = (await replayLinkFor(flow, 'U0ALICE', id)) ?? ''
    await page.goto(link)
    await page.getByRole('status').filter({ hasText: 'Ready' }).waitFor()
    expect(page.url()).not.toContain('#')
    await page.getByLabel('Speed').selectOption('16')
    await page.getByRole('button', { name: 'Play' }).click()
    await waitForText(page, 'count 3\n1\n2\n3\n$ exit 0')
    await page.getByRole('button', { name: 'Play' }).waitFor()
    // Back to the beginning: what was shown later is gone.
    await page.getByLabel('Position').fill('0')
    await waitUntil('it shows the beginning', async () => !(await screenOf(page)).includes('exit 0'))
    await page.getByLabel('Position').focus()
    await page.keyboard.press('End')
    await waitForText(page, 'exit 0')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(problems.filter((text) => !text.includes('favicon'))).toEqual([])
    const v3 = (await download(page, 'Download asciicast v3'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(v3[0]).toMatchObject({ version: 3, term: { cols: expect.any(Number), rows: expect.any(Number) } })
    const printed = v3
      .slice(1)
      .map(([, code, text]) => (code === 'o' ? text : ''))
      .join('')
    expect(printed).toContain('1\r\n2\r\n3\r\n$ exit 0\r\n')
    expect(await download(page, 'Download text')).toBe('$ count 3\n1\n2\n3\n$ exit 0\n')
    expect(JSON.parse((await download(page, 'Download asciicast v2')).split('\n')[0] ?? '')).toMatchObject({
      version: 2,
    })
    // Nobody else gets a link, and nothing without its token.
    expect(await replayLinkFor(flow, 'U0BOB', id)).toBeUndefined()
    const call = await fetch(`${flow.origin}/t/replay/look`, {
      ...{ method: 'POST', body: JSON.stringify({ id, token: 'other' }) },
      headers: { 'content-type': 'application/json', origin: flow.origin },
    })
    expect(await call.json()).toMatchObject({ refused: expect.stringContaining('expired or is incomplete') })
  },
)

test('recordings lists own ones; others’ by the right, and opening one is on the audit log', async () => {
  const policy = `
capabilitySets:
  plain-shell: { terminal: shell }
  auditing: { recordings: raw }
grants:
  - { to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }
  - { to: [bob@example.com], sets: [auditing], on: [{ nodes: 'node0*' }] }
  - { to: [carol@example.com], sets: [auditing], on: [{ nodes: 'other' }] }
`
  const flow = await openTerminalApp(redis, { policy })
  const id = await recordShell(flow, await newPage())
  await flow.people.command('U0BOB', 'recordings --target node001 --person alice --since 1d')
  expect(shown(await flow.shows(/Recordings[\s\S]*node\/node001/))).toContain(id)
  expect(await replayLinkFor(flow, 'U0CAROL', id)).toBeUndefined()
  const page = await newPage()
  await page.goto((await replayLinkFor(flow, 'U0BOB', id)) ?? '')
  await page.getByRole('status').filter({ hasText: 'Ready' }).waitFor()
  const records = await client().xrange('retina:audit', '-', '+')
  expect(records.flat(2).join(' ')).toMatch(/recording-opened/)
})

test('every byte that is shown was recorded before, once, through cuts', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  for (let round = 0; round < 4; round += 1) {
    await page.keyboard.type(`count 900${round}\n`)
    flow.shells.cut()
    await waitForText(page, `900${round}\n$`)
  }
  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  await flow.shows(/Hash of the recording/)
  const replay = await replayPage(flow, idOf(link))
  const v2 = (await download(replay, 'Download asciicast v2')).trimEnd().split('\n').slice(1)
  const printed = v2.map((line) => JSON.parse(line)).map(([, code, text]) => (code === 'o' ? text : ''))
  const sha256 = createHash('sha256').update(printed.join('')).digest('hex')
  expect(shown(await flow.shows(/Hash of the recording/))).toContain(sha256)
})

test('while Redis is away nothing more is shown, and the session ends and says so', async () => {
  const flow = await openTerminalApp(redis, { timing: { recordingTimeoutMs: 1_500 } })
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  await page.keyboard.type('count 3\n')
  await waitForText(page, '3\n$')
  await redis.stop()
  flow.shells.print(idOf(link), 'never recorded\n')
  await page.getByText(/This session has ended: its recording could not be stored/).waitFor()
  expect(await screenOf(page)).not.toContain('never recorded')
  await redis.restart()
  await flow.shows(/It ended because its recording could not be stored/)
  await waitUntil('no container is left', () => flow.shells.containers.size === 0)
})

test('at maxRecording output is held, and the session ends with that reason', async () => {
  const policy = `
capabilitySets: { plain-shell: { terminal: shell, maxRecording: 65536 } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]
`
  const flow = await openTerminalApp(redis, { policy })
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  await page.keyboard.type('count 50000\n')
  await page.getByText(/This session has ended: its recording reached the limit of its set/).waitFor()
  expect(await screenOf(page)).not.toContain('50000\n$')
  await flow.shows(/It ended because its recording reached the limit[\s\S]*Hash of the recording/)
  const replay = await replayPage(flow, idOf(link))
  const text = await download(replay, 'Download text')
  expect(text.length).toBeGreaterThan(20_000)
  expect(text.length).toBeLessThan(65_536)
})

test('without room for recordings no shell opens, and commands are still accepted', async () => {
  const flow = await openTerminalApp(redis)
  const connection = client()
  await connection.config('SET', 'maxmemory', '3mb')
  atEnd(async () => void (await connection.config('SET', 'maxmemory', '0')))
  await flow.people.command('U0ALICE', 'shell node001')
  await flow.shows(/There is no room for its recording/)
  await connection.config('SET', 'maxmemory', '0')
})

test('T54 every key of a recording ends, and nothing of it is readable in Redis', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  await page.keyboard.type('count 3\nmarker-in-output\n')
  await waitForText(page, 'marker-in-output')
  const connection = client()
  const keysOf = async () =>
    (await connection.keys('*')).filter((key) => /:(recording|artifact)|values:recordings/.test(key))
  const check = async () => {
    for (const key of await keysOf()) expect([key, (await connection.pttl(key)) > 0]).toEqual([key, true])
  }
  await check()
  await page.keyboard.type('exit 0\n')
  await flow.shows(/Hash of the recording/)
  await check()
  expect((await keysOf()).length).toBeGreaterThan(3)
  const artifacts = (await keysOf()).filter((key) => key.includes(':artifact:'))
  for (const key of artifacts) {
    const bytes = await connection.hgetBuffer(key, 'bytes')
    expect(bytes?.includes('marker-in-output')).toBe(false)
  }
  // Thirty days after the session could have ended at the latest.
  const days = (await connection.pttl(artifacts[0] ?? '')) / 86_400_000
  expect([days > 29.9, days < 30.2]).toEqual([true, true])
})

test('T32 one changed byte of a recording is found: nothing is shown, and it is recorded', async () => {
  const flow = await openTerminalApp(redis)
  const id = await recordShell(flow, await newPage())
  expect(await verify(flow, id)).toMatchObject({ code: 0, stdout: expect.stringMatching(/is intact: \d+ events/) })
  const connection = client()
  const key = `retina:artifact:recordings/${id}/000000`
  const bytes = (await connection.hgetBuffer(key, 'bytes')) ?? Buffer.alloc(0)
  bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40)
  await connection.hset(key, 'bytes', bytes)
  const page = await newPage()
  await page.goto((await replayLinkFor(flow, 'U0ALICE', id)) ?? '')
  await page
    .getByRole('alert')
    .filter({ hasText: 'This recording is not what was recorded: segment 1 was changed' })
    .waitFor()
  expect(flow.logs.join('\n')).toContain('ALARM')
  const verified = await verify(flow, id)
  expect(verified).toMatchObject({ code: 1, stderr: expect.stringContaining('segment 1 was changed') })
})

test('T51 with recordInput lines are recorded as they were echoed; what is typed at a password prompt never is', async () => {
  const policy = `
capabilitySets: { plain-shell: { terminal: shell, recordInput: lines } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]
`
  const flow = await openTerminalApp(redis, { policy })
  const page = await newPage()
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  await page.keyboard.type('count 2\n')
  await waitForText(page, '2\n$')
  await page.keyboard.type('noecho\n')
  await waitForText(page, 'Password:')
  await page.keyboard.type('hunter2\n')
  await waitUntil('the prompt is back', async () => /Password:\s*\n\$/.test(await screenOf(page)))
  await page.keyboard.type('exit 0\n')
  await flow.shows(/Hash of the recording/)
  const v3 = await download(await replayPage(flow, idOf(link)), 'Download asciicast v3')
  expect(v3).not.toContain('hunter2')
  const typed = v3
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line))
    .filter(([, code]) => code === 'i')
  expect(typed.map(([, , text]) => text)).toEqual(['count 2', 'noecho', 'exit 0'])
})
