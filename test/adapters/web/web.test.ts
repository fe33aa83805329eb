import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type WebAdapter, webAdapter } from '#adapters/web/index'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisEventStream } from '#src/redis/store/channel-event-stream'
import { useRedis } from '#test/environment/redis'
import { recordInbound } from '#test/fakes/record-inbound'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
const { handlers, commands } = recordInbound()
let connection: ReturnType<typeof connectRedis>
let web: WebAdapter
let port = 0

beforeAll(async () => {
  connection = connectRedis(redis.url(), silentLog)
  const people = [{ id: 'alice@example.com', name: 'Alice', groups: [] }]
  web = webAdapter({
    port: 0,
    people,
    channels: ['incident'],
    eventStream: redisEventStream(connection, { signer: createSigner('a key') }),
    log: silentLog,
  })
  await web.listen(handlers)
  port = Number(new URL(web.address() ?? '').port)
})
afterAll(async () => {
  await web.close()
  connection.disconnect()
})

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string; host?: string }

/** Sends a request with any headers and returns the status; `fetch` refuses some headers. */
function send({ method = 'GET', path = '/', headers = {}, body = '', host = '127.0.0.1' }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const say = JSON.stringify({ person: 'alice@example.com', channel: 'incident', text: 'nodes' })

test('it listens on the loopback address only', async () => {
  const others = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each !== undefined && !each.internal && each.family === 'IPv4')
  for (const each of others) await expect(send({ host: each?.address ?? '' })).rejects.toThrow(/ECONNREFUSED/)
  expect(await send({})).toBe(200)
})

test.each<[string, Sent, number]>([
  ['a foreign host name that resolves to this address', { headers: { host: 'evil.example' } }, 403],
  ['a host name that begins like our own', { headers: { host: 'localhost.evil.example' } }, 403],
  [
    'a page of another site',
    { method: 'POST', path: '/api/command', headers: { ...json, origin: 'https://evil.example' }, body: say },
    403,
  ],
  [
    'no page at all (null origin)',
    { method: 'POST', path: '/api/command', headers: { ...json, origin: 'null' }, body: say },
    403,
  ],
  ['a form', { method: 'POST', path: '/api/command', headers: { 'content-type': 'text/plain' }, body: say }, 415],
  [
    'an unknown person',
    { method: 'POST', path: '/api/command', headers: json, body: say.replace('alice', 'mallory') },
    400,
  ],
  [
    'an unknown channel',
    { method: 'POST', path: '/api/command', headers: json, body: say.replace('incident', 'x') },
    400,
  ],
  ['no JSON', { method: 'POST', path: '/api/command', headers: json, body: '{' }, 400],
  ['a list', { method: 'POST', path: '/api/command', headers: json, body: '[]' }, 400],
  ['a body without end', { method: 'POST', path: '/api/command', headers: json, body: 'x'.repeat(30_000) }, 413],
  [
    'an unknown button',
    {
      method: 'POST',
      path: '/api/press',
      headers: json,
      body: JSON.stringify({ person: 'alice@example.com', channel: 'incident', action: 'reboot', run: 'x' }),
    },
    400,
  ],
  ['entries of an unknown channel', { path: '/api/entries?channel=x' }, 404],
  ['a file beside the page', { path: '/../index.ts' }, 400],
])('%s is refused', async (_what, sent, status) => {
  const before = commands.length
  expect(await send(sent)).toBe(status)
  expect(commands).toHaveLength(before)
})

test('requests of its own page are accepted', async () => {
  const headers = { ...json, host: `localhost:${port}`, origin: `http://localhost:${port}` }
  const before = commands.length
  expect(await send({ method: 'POST', path: '/api/command', headers, body: say })).toBe(202)
  await waitUntil('the command is there', () => commands.length > before)
  expect(commands.at(-1)).toMatchObject({ text: 'nodes', account: { user: 'alice@example.com' } })
})

test('the page allows no scripts, frames or forms of other origins', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  const policy = answer.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'; script-src 'self'")
  expect(policy).toContain("frame-ancestors 'self'")
  expect(await answer.text()).not.toMatch(/<script>|onclick=/)
})
