import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ChannelEvent } from '#adapters/common/event-stream-adapter'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabels, buttonValue, plainText } from '#core/messages/view'
import type { Account, InboundAction } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { parseJsonBody } from '#src/http/request-body'
import {
  type HttpListener,
  type HttpRequest,
  type HttpRoute,
  type HttpTiming,
  limitedHttpServer,
} from '#src/http/server'

/** One of the persons that the page can be switched to. */
export type WebPerson = { id: string; name: string; groups: readonly string[] }

/** What the page sends when a person writes something. */
export type Said = { channel: string; text: string; thread?: string }
/** What the page sends when a person presses a button. */
export type Press = { channel: string; thread?: string; action: InboundAction['action']; run: string }

/** For people who work on messages: a notice as each other chat is sent it. */
export type Renderings = Partial<Record<'slack' | 'teams', (notice: Message) => unknown>>

type Options = {
  port: number
  people: readonly WebPerson[]
  channels: readonly string[]
  log: Log
  /** What other chats are sent for a notice, by their names. */
  renderings: Renderings
  accountOf: (id: string) => Account | undefined
  entries: (channel: string, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
  /** Resolves with the message for the person where the command was not accepted. */
  say: (account: Account, said: Said) => Promise<Message | undefined>
  press: (account: Account, press: Press) => Promise<Message | undefined>
  timing?: Partial<HttpTiming>
}

const presses = ['approve', 'approve-window', 'deny', 'cancel', 'rerun', 'output', 'link', 'end'] as const
const loopback = '127.0.0.1'
/** Maximum bytes of a request. */
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

/** Serves the page and its few calls on the loopback address. */
export async function webServer(options: Options): Promise<{ port: number; close: () => Promise<void> }> {
  const closing = new AbortController()
  const routes = routesOf(options, closing.signal)
  const server = limitedHttpServer({
    routeOf: (path) => routes.get(path),
    guard: (request) =>
      isLocal(request) ? undefined : { status: 403, text: 'this page is for the machine it runs on' },
    headers,
    log: options.log,
    // Event streams don't end by themselves.
    timing: { ...options.timing, httpCloseMs: 0 },
  })
  const port = await server.listen(loopback, options.port)
  return {
    port,
    close() {
      closing.abort()
      return server.close()
    },
  }
}

function routesOf(options: Options, closing: AbortSignal): ReadonlyMap<string, HttpRoute> {
  const read = (listener: HttpListener): HttpRoute => ({ methods: ['GET', 'HEAD'], maxBodyBytes: 0, listener })
  const write = (listener: HttpListener): HttpRoute => ({ methods: ['POST'], maxBodyBytes, listener })
  const { people, channels, renderings } = options
  return new Map<string, HttpRoute>([
    ...[...assets].map(([path, { file, type }]): [string, HttpRoute] => [
      path,
      read((_request, response) => void response.writeHead(200, { 'content-type': type }).end(readFileSync(file))),
    ]),
    [
      '/api/house',
      read((_request, response) => {
        const known = { people: people.map(({ id, name }) => ({ id, name })), channels, chats: Object.keys(renderings) }
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(known))
      }),
    ],
    [
      '/api/entries',
      {
        methods: ['GET'],
        maxBodyBytes: 0,
        listener: (request, response) => streamEntries(request, response, options, closing),
      },
    ],
    ['/api/say', write((request, response) => act(request, response, options))],
    ['/api/press', write((request, response) => act(request, response, options))],
  ])
}

const localNames = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * A request from this machine, meant for this machine. A page of another site could reach the port through the
 * person's browser: its Host (DNS rebinding) or Origin gives it away.
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

/** Server-sent events: everything that stands in the channel, then what comes. */
async function streamEntries(
  request: HttpRequest,
  response: ServerResponse,
  options: Options,
  closing: AbortSignal,
): Promise<void> {
  const asked = request.query
  const channel = asked.get('channel') ?? ''
  const render = Object.entries(options.renderings).find(([chat]) => chat === asked.get('as'))?.[1]
  if (!options.channels.includes(channel)) return refuse(response, 404, 'no such channel')
  const gone = new AbortController()
  request.socket.once('close', () => gone.abort())
  // A channel may be quiet for long.
  request.socket.setTimeout(0)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': open\n\n')
  for await (const { entry } of options.entries(channel, AbortSignal.any([gone.signal, closing]))) {
    response.write(`data: ${JSON.stringify(toPage(entry as ChannelEvent, render))}\n\n`)
  }
  response.end()
}

/** An entry as the page shows it: notices in words, with what stands on their buttons; beside them what another chat is sent. */
function toPage(entry: ChannelEvent, render: ((notice: Message) => unknown) | undefined) {
  if (entry.type !== 'posted' && entry.type !== 'edited') return entry
  const { notice, ...rest } = entry
  const words = renderMessage(notice)
  const buttons = words.actions.map((action) => ({
    action,
    label: buttonLabels[action],
    run: buttonValue(words, action),
  }))
  return { ...rest, words, buttons, ...(render === undefined ? {} : { sent: render(notice) }) }
}

async function act(request: HttpRequest, response: ServerResponse, options: Options): Promise<void> {
  // A form of another site can't send this type without asking first, and it is refused then.
  if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'send JSON')
  const fields = textsOf(parseJsonBody(request.rawBody))
  const account = fields === undefined ? undefined : options.accountOf(fields['person'] ?? '')
  const channel = fields?.['channel'] ?? ''
  if (fields === undefined || account === undefined || !options.channels.includes(channel)) {
    return refuse(response, 400, 'no such person or channel')
  }
  const place = { channel, ...(fields['thread'] === undefined ? {} : { thread: fields['thread'] }) }
  const { text = '', action, run = '' } = fields
  const pressed = presses.find((each) => each === action)
  if (request.path === '/api/press' && pressed === undefined) return refuse(response, 400, 'no such action')
  const refused =
    pressed === undefined
      ? await options.say(account, { ...place, text })
      : await options.press(account, { ...place, action: pressed, run })
  if (refused === undefined) response.writeHead(202).end()
  else refuse(response, 503, plainText(renderMessage(refused)))
}

/** A flat object of texts; undefined for anything else. */
function textsOf(value: unknown): Partial<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
