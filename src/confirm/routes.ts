import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Confirmation } from '#core/confirmation'
import type { Log } from '#core/ports'
import type { Words } from '#core/words'
import type { Passkeys } from './passkeys.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

export type ConfirmOptions = {
  passkeys: Passkeys
  /** Where people's browsers reach these pages. */
  url: URL
  mount: (path: string, listener: Listener) => void
  log: Log
  /** What a page shows of what it is for; undefined where there is nothing to confirm any more. */
  words: (confirmation: Confirmation) => Promise<Words | undefined>
  /** Does what was confirmed, and answers what came of it in words. */
  done: (confirmation: Confirmation, passkey: string) => Promise<string>
}

/** Bytes of a request's body at the most: an answer of a passkey has some two thousand. */
const longestBody = 20_000

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const assets = [
  { path: '/confirm', file: 'confirm.html', type: 'text/html; charset=utf-8' },
  { path: '/confirm/page.js', file: 'confirm.js', type: 'text/javascript; charset=utf-8' },
  { path: '/confirm/page.css', file: 'confirm.css', type: 'text/css; charset=utf-8' },
]

/** The page behind a one-time link, and its two calls. A GET changes nothing. */
export function mountConfirm(options: ConfirmOptions): void {
  for (const { path, file, type } of assets) {
    options.mount(path, (request, response) => {
      if (request.method !== 'GET') return send(response, 405, { refused: 'GET only' })
      response.writeHead(200, { ...headers, 'content-type': type })
      response.end(readFileSync(new URL(`page/${file}`, import.meta.url)))
    })
  }
  post(options, '/confirm/look', async ({ token }) => {
    const found = await options.passkeys.look(token)
    const words = found === undefined ? undefined : await options.words(found.confirmation)
    if (found === undefined || words === undefined)
      return { refused: 'This link was used already, or is too old. Ask for another one.' }
    const { title, text, facts } = words
    return { kind: found.confirmation.kind, by: found.confirmation.by.name, title, text, facts, options: found.options }
  })
  post(options, '/confirm/use', async ({ token, answer }) => {
    const used = await options.passkeys.use(token, answer)
    if ('refused' in used) return used
    return { done: await options.done(used.confirmation, used.passkey) }
  })
}

type Body = { token: string; answer: unknown }

function post(options: ConfirmOptions, path: string, handle: (body: Body) => Promise<object>): void {
  options.mount(path, (request, response) => {
    const { origin, 'content-type': type } = request.headers
    // Another site's page can neither send this type nor say that it is ours.
    if (request.method !== 'POST' || type !== 'application/json' || origin !== options.url.origin) {
      return send(response, 403, { refused: 'this call is for its own page only' })
    }
    readBody(request)
      .then(async (body) =>
        body === undefined ? send(response, 400, { refused: 'no such call' }) : send(response, 200, await handle(body)),
      )
      .catch((error: unknown) => {
        options.log.error({ path, error: String(error) }, 'confirmation failed')
        send(response, 500, { refused: 'Something broke on our side; nothing was done. Ask for another link.' })
      })
  })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<Body | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestBody) return undefined
    chunks.push(chunk)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof value !== 'object' || value === null || !('token' in value)) return undefined
    const { token } = value
    return typeof token === 'string' ? { token, answer: 'answer' in value ? value.answer : undefined } : undefined
  } catch {
    return undefined
  }
}
