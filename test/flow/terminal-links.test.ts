import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { useBrowser, usePage } from '#test/environment/browser'
import { useRedis } from '#test/environment/redis'
import { partsOfLink, terminalClient, typedFrame } from '#test/environment/terminal-client'
import { atEnd } from './app.ts'
import { askForShell, linkFor, openShellPage, openTerminalApp, type TerminalApp, waitForText } from './terminal-app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()
const browser = useBrowser()
const newPage = usePage(browser)

/** Opens a page of another browser: it shares no storage with others. */
async function otherBrowser() {
  const context = await browser().newContext()
  atEnd(() => context.close())
  return context.newPage()
}

const partsOf = (link: string) => Object.values(partsOfLink(link))

/** A client that makes its own key and speaks the protocol by itself; its connections end with the test. */
function rawClient(flow: TerminalApp) {
  const client = terminalClient(flow)
  return {
    ...client,
    connect(from?: string | null) {
      const connection = client.connect(from)
      atEnd(async () => connection.socket.terminate())
      return connection
    },
  }
}

const size = { cols: 80, rows: 24 }

test('T29 a link works once, in one browser; a scanner that opens it changes nothing', async () => {
  const flow = await openTerminalApp(redis)
  const link = await askForShell(flow, 'U0ALICE')
  const [id = '', token = ''] = partsOf(link)
  // A scanner opens it, with and without scripts; the use is a button.
  expect((await fetch(link)).status).toBe(200)
  const scanner = await otherBrowser()
  await scanner.goto(link)
  await scanner.getByRole('button', { name: 'Open the shell' }).waitFor()
  const page = await newPage()
  await openShellPage(page, link)
  // A second use, by somebody who copied it, before and after the first.
  await scanner.getByRole('button', { name: 'Open the shell' }).click()
  await scanner.getByText(/This link was used already, and works once/).waitFor()
  const client = rawClient(flow)
  expect(await client.claim({ id, token })).toEqual([200, expect.stringMatching(/was used already/)])
  expect(await client.claim({ id, token: `${token}x` })).toEqual([200, expect.stringMatching(/incomplete/)])
  expect(await client.claim({ id: 'abcdefgh2345', token })).toEqual([200, expect.stringMatching(/incomplete/)])
  // Without the link's part behind #, another browser gets nothing.
  await scanner.goto(`${flow.origin}/t/${id}`)
  await scanner.getByText(/This browser has no session here/).waitFor()
  await page.keyboard.type('count 2\n')
  await waitForText(page, '2\n$')
})

test('T29 a link expires, and Open replaces one that was not used', async () => {
  const flow = await openTerminalApp(redis)
  const first = await askForShell(flow, 'U0ALICE')
  const shown = await flow.shows(/Shell open on/)
  const before = flow.slack.state.messages.length
  await flow.people.press('U0ALICE', 'open', shown)
  const second = await linkFor(flow, 'U0ALICE', before)
  const client = rawClient(flow)
  const [id = '', token = ''] = partsOf(first)
  expect(await client.claim({ id, token })).toEqual([200, expect.stringMatching(/A newer link was made/)])
  await flow.changeRun(id, (run) =>
    run.terminal?.link === undefined
      ? run
      : { ...run, terminal: { ...run.terminal, link: { ...run.terminal.link, until: '2026-01-01T00:00:00Z' } } },
  )
  const page = await newPage()
  await page.goto(second)
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await page.getByText(/This link has expired: it works for five minutes/).waitFor()
})

test('T29 only the requester gets a link, by Open or open ID', async () => {
  const flow = await openTerminalApp(redis)
  await askForShell(flow, 'U0ALICE')
  const shown = await flow.shows(/Shell open on/)
  await flow.people.press('U0BOB', 'open', shown)
  await flow.shows(/You have no run/)
  expect(
    flow.slack.state.messages.filter(({ only, blocks }) => only === 'U0BOB' && JSON.stringify(blocks).includes('/t/')),
  ).toEqual([])
})

test('T29 Open again moves the session to another browser and shuts the first one out; both are told', async () => {
  const flow = await openTerminalApp(redis)
  const page = await newPage()
  await openShellPage(page, await askForShell(flow, 'U0ALICE'))
  await page.keyboard.type('count 2\n')
  await waitForText(page, '2\n$')
  const shown = await flow.shows(/Shell open on/)
  const before = flow.slack.state.messages.length
  await flow.people.press('U0ALICE', 'open', shown)
  const link = await linkFor(flow, 'U0ALICE', before)
  const other = await otherBrowser()
  await other.goto(link)
  await other.getByRole('button', { name: 'Open the shell' }).click()
  await page.getByText('This session was opened in another browser, and goes on there.').waitFor()
  await other.getByText('Connected', { exact: true }).waitFor()
  await other.keyboard.type('count 3\n')
  await waitForText(other, '3\n$')
  await page.reload()
  await page.getByText(/This browser has no session here/).waitFor()
  expect(flow.shells.started).toHaveLength(1)
})

test('T30 no other site, and nobody without a proof that is fresh, connects', async () => {
  const flow = await openTerminalApp(redis)
  const link = await askForShell(flow, 'U0ALICE')
  const [id = '', token = ''] = partsOf(link)
  const client = rawClient(flow)
  expect(await client.claim({ id, token }, { origin: 'https://evil.example' })).toEqual([403, expect.any(String)])
  expect(await client.claim({ id, token }, {})).toEqual([403, expect.any(String)])
  expect(await client.claim({ id, token, key: { x: 'a', y: 'b' } })).toEqual([200, expect.stringMatching(/incomplete/)])
  expect(await client.claim({ id, token })).toEqual([200, 'claimed'])
  for (const origin of ['https://evil.example', 'null', null]) {
    const foreign = client.connect(origin)
    await waitUntil('the upgrade is refused', () => foreign.status() === 403)
  }
  const good = client.connect()
  const { nonce } = (await good.receives('nonce')) as { nonce: string }
  const proof = client.prove(id, nonce)
  good.send({ type: 'hello', id, proof, size })
  expect(await good.receives('ready')).toMatchObject({ target: 'node/node001', set: 'plain-shell', from: 0 })
  // A replayed proof, one for another site, one of another key, none, and another message first.
  const bad = [
    () => ({ type: 'hello', id, proof, size }),
    (fresh: string) => ({ type: 'hello', id, proof: client.prove(id, fresh, 'https://evil.example'), size }),
    (fresh: string) => ({ type: 'hello', id, proof: rawClient(flow).prove(id, fresh), size }),
    () => ({ type: 'hello', id, proof: '', size }),
    () => ({ type: 'end' }),
  ]
  for (const make of bad) {
    const connection = client.connect()
    const { nonce: fresh } = (await connection.receives('nonce')) as { nonce: string }
    connection.send(make(fresh))
    expect(await connection.receives('bye')).toMatchObject({ reason: 'proof', final: true })
  }
  expect(good.closed()).toBe(0)
  expect(createHash('sha256').update(token).digest('hex')).not.toBe(token)
})

test('sizes of 0 and of 100,000 are taken as the smallest and the largest', async () => {
  const flow = await openTerminalApp(redis)
  const [id = '', token = ''] = partsOf(await askForShell(flow, 'U0ALICE'))
  const client = rawClient(flow)
  await client.claim({ id, token })
  const connection = client.connect()
  const { nonce } = (await connection.receives('nonce')) as { nonce: string }
  connection.send({ type: 'hello', id, proof: client.prove(id, nonce), size })
  await connection.receives('ready')
  let typed = 0
  for (const [given, taken] of [
    [0, '1 1'],
    [100_000, '1000 1000'],
    [-5, '1 1'],
  ] as const) {
    connection.send({ type: 'size', size: { cols: given, rows: given } })
    connection.socket.send(typedFrame(typed, 'size\r'))
    typed += 5
    await waitUntil(`the size is ${taken}`, () => connection.output().endsWith(`\r\n${taken}\r\n$ `))
  }
  expect(connection.closed()).toBe(0)
})

test('a frame of 1 MB, 10,000 messages, a wrong message and input from nowhere end that connection alone', async () => {
  const flow = await openTerminalApp(redis)
  const [id = '', token = ''] = partsOf(await askForShell(flow, 'U0ALICE'))
  const client = rawClient(flow)
  await client.claim({ id, token })
  const attach = async () => {
    const connection = client.connect()
    const { nonce } = (await connection.receives('nonce')) as { nonce: string }
    connection.send({ type: 'hello', id, proof: client.prove(id, nonce), size: { cols: 100_000, rows: 0 } })
    await connection.receives('ready')
    return connection
  }
  const large = await attach()
  large.socket.send(Buffer.alloc(1_000_000))
  await waitUntil('it is closed', () => large.closed() === 1_009)
  const many = await attach()
  for (let sent = 0; sent < 10_000; sent += 1) many.send({ type: 'ack', upTo: 0 })
  expect(await many.receives('bye')).toMatchObject({ reason: 'protocol' })
  const wrong = await attach()
  wrong.send({ type: 'unknown' })
  expect(await wrong.receives('bye')).toMatchObject({ reason: 'protocol' })
  const far = await attach()
  far.socket.send(typedFrame(10_000_000, 'x'))
  expect(await far.receives('bye')).toMatchObject({ reason: 'protocol', final: false })
  expect(flow.shells.running()).toEqual([id])
  await attach()
})
