import { readFileSync } from 'node:fs'
import type { Confirmation } from '#core/approvals/confirmation'
import type { MessageView } from '#core/messages/view'
import { personText } from '#core/people/person-text'
import type { Log } from '#core/ports/log'
import { parseJsonBody } from '#src/http/request-body'
import type { HttpListener, Mount } from '#src/http/server'
import { handleSameOriginJson, sendAsset } from '#src/web/page-security-headers'
import type { Passkeys } from './webauthn.ts'

export type ConfirmOptions = {
  passkeys: Passkeys
  /** URL at which people's browsers reach these pages. */
  url: URL
  mount: Mount
  log: Log
  /** Returns the view of what is to be confirmed; undefined where there is nothing to confirm any more. */
  words: (confirmation: Confirmation) => Promise<MessageView | undefined>
  /** Carries out what was confirmed, and returns the result as text. */
  done: (confirmation: Confirmation, passkey: string) => Promise<string>
}

/** Maximum size of a request's body: a passkey's answer has about 2000 bytes. */
const maxBodyBytes = 20_000

const assets = [
  { path: '/confirm', file: 'confirm.html', type: 'text/html; charset=utf-8' },
  { path: '/confirm/page.js', file: 'confirm.js', type: 'text/javascript; charset=utf-8' },
  { path: '/confirm/page.css', file: 'confirm.css', type: 'text/css; charset=utf-8' },
]

/** Mounts the page behind a one-time link, and its two calls. A GET changes nothing. */
export function mountPasskeyPages(options: ConfirmOptions): void {
  for (const { path, file, type } of assets) {
    options.mount(path, (_request, response) => {
      const content = readFileSync(new URL(`page/${file}`, import.meta.url))
      sendAsset(response, { type, content, pictures: false })
    })
  }
  post(options, '/confirm/look', async ({ token }) => {
    const found = await options.passkeys.look(token)
    const view = found === undefined ? undefined : await options.words(found.confirmation)
    if (found === undefined || view === undefined)
      return { refused: 'This link was already used or has expired. Ask for another one.' }
    const { title, text, facts, fields = [] } = view
    const { kind, by } = found.confirmation
    return { kind, by: personText(by), title, text, fields, facts, options: found.options }
  })
  post(options, '/confirm/use', async ({ token, answer }) => {
    const used = await options.passkeys.use(token, answer)
    if ('refused' in used) return used
    return { done: await options.done(used.confirmation, used.passkey) }
  })
}

type Body = { token: string; answer: unknown }

function post(options: ConfirmOptions, path: string, handle: (body: Body) => Promise<object>): void {
  const listener: HttpListener = (request, response) =>
    handleSameOriginJson(options.url, request, response, async () => {
      try {
        const body = parseBody(parseJsonBody(request.rawBody))
        if (body === undefined) return { status: 400, body: { refused: 'not found' } }
        return { status: 200, body: await handle(body) }
      } catch (error) {
        options.log.error({ path, error: String(error) }, 'confirmation failed')
        const refused = 'Something went wrong on our side; nothing was done. Ask for another link.'
        return { status: 500, body: { refused } }
      }
    })
  options.mount(path, listener, { methods: ['POST'], maxBodyBytes })
}

function parseBody(value: unknown): Body | undefined {
  if (typeof value !== 'object' || value === null || !('token' in value)) return undefined
  const { token } = value
  return typeof token === 'string' ? { token, answer: 'answer' in value ? value.answer : undefined } : undefined
}
