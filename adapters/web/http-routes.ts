import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ChannelEvent } from '#adapters/common/event-stream-adapter'
import type { ListedPerson } from '#adapters/common/listed-people'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { buttonLabel, buttonValue, type MessageView, plainText } from '#core/messages/view'
import type { Account } from '#core/people/account'
import type { Platform } from '#core/people/platforms'
import type { InboundAction, InboundResult } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { pressableActions, type RunAction, runActions } from '#core/runs/actions'
import { isRecord } from '#core/util/json'
import { parseJsonBody } from '#src/http/request-body'
import { postRoute, type RouteTable, readRoute, routeTable } from '#src/http/route-table'
import { securityHeaders } from '#src/http/security-headers'
import { type HttpRequest, type HttpTiming, limitedHttpServer } from '#src/http/server'

/** Command that a person has typed into the page. */
export type WebCommand = { channel: string; text: string; thread?: string }
/** Button that a person has pressed in the page. */
export type WebAction = { channel: string; thread?: string; action: InboundAction['action']; run: string }

/**
 * Renderers of a message for other chats, whose result the page can show beside its own, for people who develop
 * messages.
 */
export type Renderings = Partial<Record<Platform, (message: Message) => unknown>>

type Options = {
  port: number
  people: readonly ListedPerson[]
  channels: readonly string[]
  log: Log
  /** Renderers by the name of the chat. */
  renderings: Renderings
  accountOf: (id: string) => Account | undefined
  entries: (channel: string, signal: AbortSignal) => AsyncIterable<{ id: string; entry: unknown }>
  /** Resolves with undefined once the command is accepted, else with the message for the person. */
  runCommand: (account: Account, command: WebCommand) => Promise<InboundResult>
  runAction: (account: Account, action: WebAction) => Promise<InboundResult>
  timing?: Partial<HttpTiming>
}

const loopback = '127.0.0.1'
/** Largest accepted request body in bytes. */
const maxBodyBytes = 20_000

const assets = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/two', file: 'two.html', type: 'text/html; charset=utf-8' },
  { path: '/other-chats-preview.js', file: 'other-chats-preview.js', type: 'text/javascript; charset=utf-8' },
  { path: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/other-chats-preview.css', file: 'other-chats-preview.css', type: 'text/css; charset=utf-8' },
  { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
]

/** Serves the page and its API on the loopback address. Resolves with the TCP port once it listens. */
export async function webServer(options: Options): Promise<{ port: number; close: () => Promise<void> }> {
  const closing = new AbortController()
  const server = limitedHttpServer({
    routeOf: routesOf(options, closing.signal).routeOf,
    guard: (request) =>
      isLocal(request) ? undefined : { status: 403, text: 'this page is available only on the machine that serves it' },
    headers: securityHeaders({ pictures: true, framesOwnPages: true }),
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

function routesOf(options: Options, closing: AbortSignal): RouteTable {
  const { people, channels, renderings } = options
  return routeTable([
    ...assets.map(({ path, file, type }) =>
      readRoute(path, (_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(readFileSync(new URL(`page/${file}`, import.meta.url)))
      }),
    ),
    readRoute('/api/context', (_request, response) => {
      const known = { people: people.map(({ id, name }) => ({ id, name })), channels, chats: Object.keys(renderings) }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(known))
    }),
    {
      path: '/api/entries',
      methods: ['GET'],
      maxBodyBytes: 0,
      listener: (request, response) => streamEntries(request, response, options, closing),
    },
    postRoute('/api/command', maxBodyBytes, (request, response) => handlePost(request, response, options)),
    postRoute('/api/press', maxBodyBytes, (request, response) => handlePost(request, response, options)),
  ])
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

/** Sends the channel's entries as server-sent events: all existing ones, then new ones. */
async function streamEntries(
  request: HttpRequest,
  response: ServerResponse,
  options: Options,
  closing: AbortSignal,
): Promise<void> {
  const { query } = request
  const channel = query.get('channel') ?? ''
  const render = Object.entries(options.renderings).find(([chat]) => chat === query.get('as'))?.[1]
  if (!options.channels.includes(channel)) return refuse(response, 404, 'no such channel')
  const disconnected = new AbortController()
  request.socket.once('close', () => disconnected.abort())
  // A channel may be quiet for long.
  request.socket.setTimeout(0)
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
  const buttons = view.actions.map((action) => buttonOf(view, action))
  const part = 'part' in message && message.part !== undefined ? { part: message.part } : {}
  return { ...rest, ...part, view, buttons, ...(render === undefined ? {} : { sent: render(message) }) }
}

/** Converts an action to a button. `begin`: the start of its command, where the command needs further words. */
function buttonOf(view: MessageView, action: RunAction) {
  const { command, form } = runActions[action]
  const label = buttonLabel(view, action)
  const button = { action, label, run: buttonValue(view, action) }
  if (command !== undefined || form === undefined) return button
  return { ...button, begin: form.begin(button.run, view.typed ?? 'shell ') }
}

async function handlePost(request: HttpRequest, response: ServerResponse, options: Options): Promise<void> {
  // Another site can't send this content type without a CORS preflight, which fails here.
  if (request.headers['content-type'] !== 'application/json')
    return refuse(response, 415, 'the content type must be application/json')
  const fields = textsOf(parseJsonBody(request.rawBody))
  const account = fields === undefined ? undefined : options.accountOf(fields['person'] ?? '')
  const channel = fields?.['channel'] ?? ''
  if (fields === undefined || account === undefined || !options.channels.includes(channel)) {
    return refuse(response, 400, 'no such person or channel')
  }
  const location = { channel, ...(fields['thread'] === undefined ? {} : { thread: fields['thread'] }) }
  const { text = '', action, run = '' } = fields
  const buttonAction = pressableActions.find((each) => each === action)
  if (request.path === '/api/press' && buttonAction === undefined) return refuse(response, 400, 'no such action')
  const result =
    buttonAction === undefined
      ? await options.runCommand(account, { ...location, text })
      : await options.runAction(account, { ...location, action: buttonAction, run })
  if (result.ok) response.writeHead(202).end()
  else refuse(response, 503, plainText(renderMessage(result.refusal)))
}

/** Returns the string properties of an object; undefined for other values. */
function textsOf(value: unknown): Partial<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
