import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { seededRandom } from '#test/chaos/random'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { askForShell, openShellPage, openTerminalApp, screenOf, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const newPage = usePage(useBrowser())

/** Opens a shell whose test prints what it likes; counts what the page's policy or its scripts complain of. */
async function openShell() {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  const link = await askForShell(flow, 'U0ALICE')
  await openShellPage(page, link)
  const id = /\/t\/(\w+)#/.exec(link)?.[1] ?? ''
  return {
    ...{ flow, page, id, problems },
    print: (bytes: Uint8Array) => flow.shells.printBytes(id, bytes),
    typed: () => flow.shells.typed(id).toString('latin1'),
  }
}

/** Resets the terminal, as `reset` does, and asks the shell something. */
async function expectItWorks(page: Page, print: (bytes: Uint8Array) => void): Promise<void> {
  print(Buffer.from('\u001bc\u001b[!p\u001b[?1049l\u001b[?1000l\u001b[?1006l\u001b[?2004l$ '))
  await page.keyboard.press('Control+c')
  await page.keyboard.type('count 3\n')
  await waitUntil('the shell answers', async () => (await screenOf(page)).includes('1\n2\n3\n$'))
}

test('T51 many random bytes, as of /dev/urandom: the page stays itself, and the shell usable', async () => {
  const { page, print, problems } = await openShell()
  const title = await page.title()
  const random = seededRandom(25_112)
  const noise = Buffer.from(Uint8Array.from({ length: 100_000 }, () => random.between(0, 255)))
  for (let at = 0; at < noise.length; at += 25_000) print(noise.subarray(at, at + 25_000))
  await expectItWorks(page, print)
  expect(await page.title()).toBe(title)
  expect(page.context().pages()).toHaveLength(1)
  await page.keyboard.press('Control+c')
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  expect(problems).toEqual([])
})

/** Sequences by which a program asks a terminal for something, and what harmful ones put into an answer. */
const questions = [
  ...[
    '\u001b[c',
    '\u001b[>c',
    '\u001b[=c',
    '\u001b[5n',
    '\u001b[6n',
    '\u001b[?6n',
    '\u001b[?996n',
    '\u001b[18t',
    '\u001b[14t',
  ],
  ...[
    '\u001b]0;rm -rf /\u0007\u001b[21t',
    '\u001b]1;evil\u0007\u001b[20t',
    '\u001bP$qm\u001b\\',
    '\u001bP$q evil\r\n\u001b\\',
  ],
  ...[
    '\u001b]4;1;?\u0007',
    '\u001b]10;?\u0007',
    '\u001b]11;?\u001b\\',
    '\u001b]52;c;?\u0007',
    '\u001bP+q544e\u001b\\',
    '\u0005',
  ],
  ...[
    '\u001b[?2004$p',
    '\u001b]50;?\u0007',
    '\u001b]1337;ReportCellSize\u0007',
    '\u001b[?u',
    '\u001b_Gi=1,a=q;AAAA\u001b\\',
    '\u001bZ',
  ],
]

test('T51 sequences that ask the terminal get answers of the terminal alone: no text of theirs, and no Enter', async () => {
  const { page, print, typed, problems } = await openShell()
  for (const question of questions) print(Buffer.from(question))
  // The last answer says that the others were read.
  print(Buffer.from('\u001b[5n'))
  await waitUntil('the terminal answered', () => typed().endsWith('\u001b[0n'))
  const answered = typed()
  expect(answered).not.toMatch(/[\r\n]|evil|rm -rf/)
  const answers = /ESC(?:\[[?>=]?[\d;]*[cnRtyu$]+|P[01]\$r[\w;"]*ESC\\|\][\d;]+;rgb:[\da-f/]+(?:BEL|ESC\\))/g
  const shown = answered.replaceAll('\u001b', 'ESC').replaceAll('\u0007', 'BEL')
  expect(shown.replaceAll(answers, '')).toBe('')
  // What was answered once isn't answered again by the page that goes on with the saved screen.
  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  await expectItWorks(page, print)
  expect(typed().slice(answered.length)).toBe('\u0003count 3\r')
  expect(problems).toEqual([])
})

test('T51 60,000 questions at once are answered, and don’t end the connection', async () => {
  const { page, print, typed, flow } = await openShell()
  await page.keyboard.type('noecho\n')
  await waitForText(page, 'Password:')
  const before = typed().length
  print(Buffer.from('\u001b[5n'.repeat(60_000)))
  await waitUntil('all are answered', () => typed().length >= before + 240_000)
  expect(typed().slice(before)).toBe('\u001b[0n'.repeat(60_000))
  expect(await page.locator('#state').textContent()).toBe('Connected')
  expect(flow.shells.started).toHaveLength(1)
})

test('UTF-8 that is cut anywhere is shown whole: characters of two, three and four bytes, in pieces of one byte', async () => {
  const { page, print, problems, flow } = await openShell()
  const text = 'é€😀ß→日本語🛰'
  for (const byte of Buffer.from(`\r\n${text}\r\n`)) print(Uint8Array.of(byte))
  await waitForText(page, text)
  // And where the connection breaks within a character.
  const bytes = Buffer.from(`again ${text}\r\n`)
  for (const byte of bytes) {
    print(Uint8Array.of(byte))
    if (byte >= 0xf0) flow.shells.cut()
  }
  await waitForText(page, `again ${text}`)
  // Bytes that are no UTF-8 spoil nothing after them.
  print(Buffer.from([0xc3, 0x28, 0xf0, 0x9f, 0x41, 0xff, 0xfe, 0x0d, 0x0a]))
  await page.keyboard.type('exit 0\n')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  expect((await screenOf(page)).match(new RegExp(text, 'g'))).toHaveLength(2)
  expect(problems).toEqual([])
})
