import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { httpServer } from '#src/app/http'
import { mountPageRoutes } from '#src/web/page-routes'
import { silentLog } from '#test/samples/run'

const url = new URL('https://retina.example.com')
const http = httpServer({ log: silentLog, timing: { httpCloseMs: 0 } })
let at = ''
beforeAll(async () => {
  mountPageRoutes({ url, mount: http.mount, log: silentLog }, [
    { kind: 'file', path: '/page/', file: new URL(import.meta.url), powers: { pictures: true } },
    {
      kind: 'call',
      path: '/page/echo',
      maxBodyBytes: 20,
      failure: 'Try again.',
      handle: async (body) => ({ body: { body } }),
    },
    {
      kind: 'call',
      path: '/page/broken',
      maxBodyBytes: 20,
      failure: 'Try again.',
      handle: () => Promise.reject(new Error('a secret')),
    },
  ])
  at = `http://127.0.0.1:${await http.listen('127.0.0.1', 0)}`
})
afterAll(() => http.close())

const own = { origin: url.origin, 'content-type': 'application/json' }
const call = (path: string, headers: Record<string, string>, body = '{"a":1}') =>
  fetch(`${at}${path}`, { method: 'POST', headers, body })

test('files and calls have the same security headers, and pictures only where the page shows some', async () => {
  const [file, answer] = [await fetch(`${at}/page/1`), await call('/page/echo', own)]
  const policyOf = (response: Response) => response.headers.get('content-security-policy')
  expect(policyOf(file)).toBe(policyOf(answer)?.replace('connect-src', 'img-src data:; connect-src'))
  for (const { headers } of [file, answer]) {
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
  }
})

test('a call is answered only to its own page, within its limit, and without the text of an error', async () => {
  expect(await (await call('/page/echo', own)).json()).toEqual({ body: { a: 1 } })
  expect(await (await call('/page/echo', own, 'no json')).json()).toEqual({})
  expect((await call('/page/echo', { ...own, origin: 'https://example.com' })).status).toBe(403)
  expect((await call('/page/echo', { ...own, 'content-type': 'text/plain' })).status).toBe(403)
  expect((await call('/page/echo', own, `"${'a'.repeat(20)}"`)).status).toBe(413)
  const broken = await call('/page/broken', own)
  expect([broken.status, await broken.json()]).toEqual([500, { refused: 'Try again.' }])
})
