import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { newTerminalSession } from '#core/terminal/terminal-session'
import type { BrowserSocket } from '#src/terminal/browser-socket'
import type { TerminalContext } from '#src/terminal/context'
import { recordingCipher } from '#src/terminal/recording/cipher'
import { serveBrowser } from '#src/terminal/serve-browser'
import type { Inward, Outward } from '#src/terminal/wire'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { memoryRecordingLog } from '#test/fakes/recording-log'
import { waitUntil } from '#test/flow/wait-for'
import { sampleBrowserKey } from '#test/samples/browser-key'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets: { plain-shell: { terminal: shell } }
grants: [{ to: [alice@example.com], sets: [plain-shell], on: [{ nodes: '*' }] }]`
const url = new URL('https://bot.example')
const samplePerson = { id: 'alice@example.com', groups: [] }

/** Opens the shell s1 of Alice, which a browser with a key of its own has claimed. */
async function openClaimed() {
  const all = openContexts({ policy })
  all.bot.terminal = { url }
  await all.say('alice', 'shell node001', { id: 's1' })
  const browser = sampleBrowserKey()
  await all.store.changeRun('s1', (run) => ({
    ...run,
    terminal: {
      ...(run.terminal ?? newTerminalSession({ maxSession: 600, idle: 600 }, run.queuedAt)),
      browser: { key: browser.key, at: run.queuedAt },
    },
  }))
  const shells = fakeTerminal()
  const { passkeys: _none, ...bot } = all.bot
  const context: TerminalContext = {
    ...{ ...bot, artifacts: all.artifacts, recordings: memoryRecordingLog(), shells, containers: shells, url },
    cipher: recordingCipher([randomBytes(32)]),
    sessionKey: () => 'a'.repeat(64),
    maxConnections: 10,
    metrics: {
      connections: () => undefined,
      attached: () => undefined,
      refused: () => undefined,
      bytes: () => undefined,
      recorded: () => undefined,
      echo: () => undefined,
    },
  }
  const prove = (nonce: string) => browser.prove({ origin: url.origin, id: 's1', nonce })
  return { ...all, context, shells, prove }
}

/** Connection of a page that answers the nonce, in memory. */
function connection(prove: (nonce: string) => string) {
  const closing = new AbortController()
  const messages: Outward[] = []
  const held: Inward[] = []
  let listener: ((message: Inward | undefined) => void) | undefined
  const socket: BrowserSocket = {
    send(message) {
      if (closing.signal.aborted) return
      messages.push(message)
      if (message.type !== 'nonce') return
      const hello = { type: 'hello' as const, id: 's1', proof: prove(message.nonce), size: { cols: 80, rows: 24 } }
      if (listener === undefined) held.push(hello)
      else listener(hello)
    },
    sendData: () => undefined,
    onMessage(next) {
      listener = next
      for (const message of held.splice(0)) next(message)
    },
    bye(reason, message, final) {
      socket.send({ type: 'bye', reason, message, final })
      closing.abort()
    },
    closed: closing.signal,
  }
  return {
    ...{ socket, close: () => closing.abort() },
    kinds: () => messages.map(({ type }) => type),
    bye: () => messages.find((message) => message.type === 'bye'),
  }
}

test('a connection that was closed while its rights were checked takes the session from no page that came after it', async () => {
  const { context, prove, saved, directory } = await openClaimed()
  const { promise: answer, resolve } = Promise.withResolvers<void>()
  let asked = 0
  const slowOnce: typeof directory.person = async (account) => {
    asked += 1
    if (asked === 1) await answer
    return directory.person(account)
  }
  const slow = { ...context, directory: { ...directory, person: slowOnce } }
  const early = connection(prove)
  const served = serveBrowser(slow, early.socket)
  await waitUntil('the rights of the first are checked', () => asked === 1)
  early.close()
  const late = connection(prove)
  const servedLate = serveBrowser(slow, late.socket)
  await waitUntil('the shell is shown to the page that came after it', () => late.kinds().includes('ready'))
  const before = (await saved('s1')).terminal
  resolve()
  await served
  expect((await saved('s1')).terminal).toEqual(before)
  expect(late.kinds()).not.toContain('bye')
  late.close()
  await servedLate
})

test('a connection that is closed while it is attached lets go of the shell', async () => {
  const { context, prove, shells } = await openClaimed()
  const { promise: answer, resolve } = Promise.withResolvers<void>()
  let attaching = false
  let closed = 0
  const attach: typeof shells.attach = async (place, session) => {
    attaching = true
    await answer
    const shell = await shells.attach(place, session)
    return {
      ...shell,
      close() {
        closed += 1
        shell.close()
      },
    }
  }
  const page = connection(prove)
  const served = serveBrowser({ ...context, shells: { ...shells, attach } }, page.socket)
  await waitUntil('it attaches', () => attaching)
  page.close()
  resolve()
  await served
  expect(closed).toBeGreaterThan(0)
})

test('the newest connection connects again where an earlier one of its page got the shell later; the earlier one does not', async () => {
  const { context, prove, shells, saved } = await openClaimed()
  const page = connection(prove)
  const served = serveBrowser(context, page.socket)
  await waitUntil('the shell is shown', () => page.kinds().includes('ready'))
  const place = (await saved('s1')).terminal?.place
  if (place === undefined) throw new Error('no container was made')
  await shells.attach(place, { id: 's1', keyHex: context.sessionKey('s1'), by: samplePerson, from: 0 })
  await served
  expect(page.bye()).toMatchObject({ reason: 'lost', final: false })
  const again = connection(prove)
  const servedAgain = serveBrowser(context, again.socket)
  await waitUntil('the shell is shown again', () => again.kinds().includes('ready'))
  const otherTab = connection(prove)
  const servedTab = serveBrowser(context, otherTab.socket)
  await servedAgain
  expect(again.bye()).toMatchObject({ reason: 'replaced', final: true })
  otherTab.close()
  await servedTab
})
