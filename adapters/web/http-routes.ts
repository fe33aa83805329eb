import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ChannelEvent } from '#adapters/common/event-stream-adapter'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabels, buttonValue, plainText } from '#core/messages/view'
import type { Account, InboundAction } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { readJson } from '#core/util/read-json-body'

/** Person that the page can act as. */
export type WebPerson = { id: string; name: string; groups: readonly string[] }

/** Command that a person has typed into the page. */
export type WebCommand = { channel: string; text: string; thread?: string }
/** Button that a person has pressed in the page. */
export type WebAction = { channel: string; thread?: string; action: InboundAction['action']; run: string }

/**
 * Renderers of a message for other chats, whose result the page can show beside its own, for people who develop
 * messages.
 */
export type Renderings = Partial<Record<'slack' | 'teams', (message: Message) => unknown>>

type Options = {
  port: number
  people: readonly WebPerson[]
  channels: readonly string[]
  log: Log
  /** Renderers by the name of the chat. */
  renderings: Renderings
  accountOf: (id: string) => Account | undefined
  entries: (channel: string, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
  /** Resolves with undefined once the command is accepted, else with the message for the person. */
  runCommand: (account: Account, command: WebCommand) => Promise<Message | undefined>
  runAction: (account: Account, action: WebAction) => Promise<Message | undefined>
}

const buttonActions = ['approve', 'approve-window', 'deny', 'cancel', 'rerun', 'output', 'link', 'end'] as const
const loopback = '127.0.0.1'
/** Largest accepted request body in bytes. */
const maxBodyBytes = 20_000

const assets = new Map(
  [
    { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
    { path: '/two', file: 'two.html', type: 'text/html; charset=utf-8' },
    { path: '/other-chats-preview.js', file: 'other-chats-preview.js', type: 'text/javascript; charset=utf-8' },
    { path: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
    { path: '/other-chats-preview.css', file: 'other-chats-preview.css', type: 'text/css; charset=utf-8' },
    { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  ].map(({ path, file, type }) => [path, { file: new URL(`page/${file}`, import.meta.url), type }]),
)

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** Serves the page and its API on the loopback address. Resolves with the TCP port once it listens. */
export async function webServer(options: Options): Promise<{ port: number; close: () => Promise<void> }> {
  const closing = new AbortController()
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (!isLocal(request)) return refuse(response, 403, 'this page is available only on the machine that serves it')
    handle(request, response, options, closing.signal).catch((error: unknown) => {
      options.log.error({ error: String(error) }, 'web chat: request failed')
      if (!response.headersSent) refuse(response, 500, 'internal error')
      else response.end()
    })
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, loopback, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : options.port)
    })
  })
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        closing.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const localNames = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Returns whether a request comes from this machine and is addressed to it. A page of another site can reach the port
 * through the person's browser; its Host (DNS rebinding) or Origin header differs.
 */
function isLocal(request: IncomingMessage): boolean {
  const { host = '', origin } = request.headers
  const from = request.socket.remoteAddress ?? ''
  if (!/^(::ffff:)?127\./.test(from) && from !== '::1') return false
  return localNames.test(host) && (origin === undefined || origin === `http://${host}`)
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}

async function handle(request: IncomingMessage, response: ServerResponse, options: Options, closing: AbortSignal) {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const asset = assets.get(url.pathname)
  const route = `${request.method} ${url.pathname}`
  if (request.method === 'GET' && asset !== undefined) {
    response.writeHead(200, { 'content-type': asset.type }).end(readFileSync(asset.file))
    return
  }
  if (route === 'GET /api/context') {
    const people = options.people.map(({ id, name }) => ({ id, name }))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ people, channels: options.channels, chats: Object.keys(options.renderings) }))
    return
  }
  if (route === 'GET /api/entries') {
    await streamEntries(url.searchParams, request, response, options, closing)
    return
  }
  if (route === 'POST /api/command' || route === 'POST /api/press') {
    await handlePost(route, request, response, options)
    return
  }
  refuse(response, 404, 'not found')
}

/** Sends the channel's entries as server-sent events: all existing ones, then new ones. */
async function streamEntries(
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  options: Options,
  closing: AbortSignal,
) {
  const channel = query.get('channel') ?? ''
  const render = Object.entries(options.renderings).find(([chat]) => chat === query.get('as'))?.[1]
  if (!options.channels.includes(channel)) return refuse(response, 404, 'no such channel')
  const disconnected = new AbortController()
  request.socket.once('close', () => disconnected.abort())
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': open\n\n')
  for await (const { entry } of options.entries(channel, AbortSignal.any([disconnected.signal, closing]))) {
    response.write(`data: ${JSON.stringify(toPageEntry(entry as ChannelEvent, render))}\n\n`)
  }
  response.end()
}

/**
 * Converts an entry for the page: a message as its view and labelled buttons, with what another chat is sent (`sent`).
 */
function toPageEntry(entry: ChannelEvent, render: ((message: Message) => unknown) | undefined) {
  if (entry.type !== 'posted' && entry.type !== 'edited') return entry
  const { notice: message, ...rest } = entry
  const view = renderMessage(message)
  const buttons = view.actions.map((action) => ({
    action,
    label: buttonLabels[action],
    run: buttonValue(view, action),
  }))
  return { ...rest, view, buttons, ...(render === undefined ? {} : { sent: render(message) }) }
}

async function handlePost(route: string, request: IncomingMessage, response: ServerResponse, options: Options) {
  // Another site can't send this content type without a CORS preflight, which fails here.
  if (request.headers['content-type'] !== 'application/json')
    return refuse(response, 415, 'the content type must be application/json')
  const fields = textsOf(await readJson(request, maxBodyBytes))
  const account = fields === undefined ? undefined : options.accountOf(fields['person'] ?? '')
  const channel = fields?.['channel'] ?? ''
  if (fields === undefined || account === undefined || !options.channels.includes(channel)) {
    return refuse(response, 400, 'no such person or channel')
  }
  const location = { channel, ...(fields['thread'] === undefined ? {} : { thread: fields['thread'] }) }
  const { text = '', action, run = '' } = fields
  const buttonAction = buttonActions.find((each) => each === action)
  if (route === 'POST /api/press' && buttonAction === undefined) return refuse(response, 400, 'no such action')
  const refused =
    buttonAction === undefined
      ? await options.runCommand(account, { ...location, text })
      : await options.runAction(account, { ...location, action: buttonAction, run })
  if (refused === undefined) response.writeHead(202).end()
  else refuse(response, 503, plainText(renderMessage(refused)))
}

/** Returns the string properties of an object; undefined for other values. */
function textsOf(value: unknown): Partial<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
