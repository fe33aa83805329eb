import type { Confirmation } from '#core/approvals/confirmation'
import type { MessageView } from '#core/messages/view'
import { personText } from '#core/people/person-text'
import { toRecord } from '#core/util/json'
import { mountPageRoutes, type PageRoute, type PageRoutesOptions } from '#src/web/page-routes'
import type { Passkeys } from './webauthn.ts'

export type ConfirmOptions = PageRoutesOptions & {
  passkeys: Pick<Passkeys, 'look' | 'use'>
  /** Returns the view of what is to be confirmed; undefined where there is nothing to confirm any more. */
  words: (confirmation: Confirmation) => Promise<MessageView | undefined>
  /** Carries out what was confirmed, and returns the result as text. */
  done: (confirmation: Confirmation, passkey: string) => Promise<string>
}

/** Maximum size of a request's body: a passkey's answer has about 2000 bytes. */
const maxBodyBytes = 20_000

/** Mounts the page behind a one-time link, and its two calls. A GET changes nothing. */
export function mountPasskeyPages(options: ConfirmOptions): void {
  mountPageRoutes(options, [
    { kind: 'file', path: '/confirm', file: new URL('page/confirm.html', import.meta.url) },
    { kind: 'file', path: '/confirm/page.js', file: new URL('page/confirm.js', import.meta.url) },
    { kind: 'file', path: '/confirm/page.css', file: new URL('page/confirm.css', import.meta.url) },
    call('/confirm/look', ({ token }) => look(options, token)),
    call('/confirm/use', (body) => use(options, body)),
  ])
}

async function look({ passkeys, words }: ConfirmOptions, token: string): Promise<object> {
  const found = await passkeys.look(token)
  const view = found === undefined ? undefined : await words(found.confirmation)
  if (found === undefined || view === undefined)
    return { refused: 'This link was already used or has expired. Ask for another one.' }
  const { title, text, facts, fields = [] } = view
  const { kind, by } = found.confirmation
  return { kind, by: personText(by), title, text, fields, facts, options: found.options }
}

async function use({ passkeys, done }: ConfirmOptions, { token, answer }: Body): Promise<object> {
  const used = await passkeys.use(token, answer)
  return 'refused' in used ? used : { done: await done(used.confirmation, used.passkey) }
}

type Body = { token: string; answer: unknown }

function call(path: string, handle: (body: Body) => Promise<object>): PageRoute {
  return {
    kind: 'call',
    path,
    maxBodyBytes,
    failure: 'Something went wrong on our side; nothing was done. Ask for another link.',
    async handle(value) {
      const body = parseBody(value)
      return body === undefined ? { status: 400, body: { refused: 'not found' } } : { body: await handle(body) }
    },
  }
}

function parseBody(value: unknown): Body | undefined {
  const { token, answer } = toRecord(value)
  return typeof token === 'string' ? { token, answer } : undefined
}
