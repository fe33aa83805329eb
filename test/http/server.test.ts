import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { type HttpListener, type HttpOptions, type ListeningServer, limitedHttpServer } from '#src/http/server'
import { exchange } from '#test/redteam/exchange'
import { request } from '#test/redteam/hostile-requests'
import { silentLog } from '#test/samples/run'

const open: ListeningServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve(listener: HttpListener, change: Partial<HttpOptions> = {}, maxBodyBytes = 100): Promise<number> {
  const routeOf = (path: string) =>
    path === '/x' ? { methods: ['GET', 'POST'] as const, maxBodyBytes, listener } : undefined
  const timing = { httpCloseMs: 100, httpHeadersMs: 300, httpRequestMs: 600, httpCheckMs: 50, ...change.timing }
  const server = limitedHttpServer({ routeOf, log: silentLog, ...change, timing })
  open.push(server)
  return server.listen('127.0.0.1', 0)
}

const answer = (response: ServerResponse) => void response.writeHead(200).end('answered')

test.each([
  [
    'throws',
    () => {
      throw new Error('planted')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('planted')
    },
  ],
  [
    'answers, then throws',
    (_request: unknown, response: ServerResponse) => {
      answer(response)
      throw new Error('planted')
    },
  ],
] as const)('T42 a listener that %s harms no other request', async (how, listener) => {
  const logs: string[] = []
  const log = { ...silentLog, error: (fields: object) => void logs.push(JSON.stringify(fields)) }
  const port = await serve(listener, { log })
  for (let time = 0; time < 3; time += 1) {
    const { statuses } = await exchange(port, [request('GET /x')])
    expect(statuses[0] ?? 0).toBe(how.startsWith('answers') ? 200 : 500)
  }
  expect(logs).toHaveLength(3)
  expect(logs[0]).toContain('planted')
})

test('T39 what a parser quotes of a request is not logged', async () => {
  const logs: string[] = []
  const log = { ...silentLog, error: (fields: object) => void logs.push(JSON.stringify(fields)) }
  const port = await serve(({ rawBody }) => void JSON.parse(rawBody.toString()), { log })
  await exchange(port, [request('POST /x', ['Content-Length: 12'], '{"secret-one')])
  expect(logs).toEqual(['{"error":"SyntaxError"}'])
})

test('T42 a body at its limit is read whole, and one byte more is refused before all of it has come', async () => {
  const bodies: number[] = []
  const port = await serve(({ rawBody }, response) => {
    bodies.push(rawBody.length)
    answer(response)
  })
  const sent = (count: number) => request('POST /x', [`Content-Length: ${count}`], 'a'.repeat(count))
  expect((await exchange(port, [sent(100)])).statuses).toEqual([200])
  expect((await exchange(port, [sent(101)])).statuses).toEqual([413])
  expect((await exchange(port, [request('POST /x', ['Content-Length: 1000000'])])).statuses).toEqual([413])
  const chunks = ['Transfer-Encoding: chunked']
  expect(
    (await exchange(port, [request('POST /x', chunks, `64\r\n${'a'.repeat(100)}\r\n0\r\n\r\n`)])).statuses,
  ).toEqual([200])
  expect((await exchange(port, [request('POST /x', chunks, `65\r\n${'a'.repeat(101)}\r\n`)])).statuses).toEqual([413])
  expect(bodies).toEqual([100, 100])
})

test('T42 a client that doesn’t read its answer is left after a while', async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const send = (_request: unknown, response: ServerResponse) => {
    response.once('close', close)
    response.end(Buffer.alloc(50_000_000))
  }
  const port = await serve(send, { timing: { httpIdleMs: 300 } })
  const socket = connect(port, '127.0.0.1')
  const gone = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  socket.write(request('GET /x'))
  await closed
  // Only now it reads.
  let received = 0
  socket.on('data', (part: Buffer) => {
    received += part.length
  })
  await gone
  expect(received).toBeLessThan(50_000_000)
})

test('T42 slow heads and bodies are refused with 408', async () => {
  const port = await serve((_request, response) => answer(response))
  expect((await exchange(port, ['GET /x HTTP/1.1\r\n', 2_000])).statuses).toEqual([408])
  expect((await exchange(port, [request('POST /x', ['Content-Length: 10'], 'a'), 2_000])).statuses).toEqual([408])
})

test('a connection serves one request after the other, and HEAD has no body', async () => {
  const port = await serve((_request, response) => answer(response))
  const { statuses, text } = await exchange(port, [
    request('GET /x') + request('POST /x', ['Content-Length: 1'], 'a') + request('GET /x'),
  ])
  expect(statuses).toEqual([200, 200, 200])
  expect(text.split('answered')).toHaveLength(4)
})

test('T42 every server of the program is made here', () => {
  const root = join(import.meta.dirname, '../..')
  const files = ['src', 'adapters'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  const makers = files.filter((file) =>
    /\bcreate(Secure)?Server\b|\bWebSocketServer\b/.test(readFileSync(join(root, file), 'utf8')),
  )
  // The one of sessions listens to nothing: it takes over connections that this server accepted.
  expect(makers).toEqual(['src/http/server.ts', 'src/terminal/server.ts'])
})
