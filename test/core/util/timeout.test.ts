import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { withTimeout } from '#core/util/timeout'

test('a promise in time keeps its value; one that is late gives undefined', async () => {
  expect(await withTimeout(60_000, Promise.resolve('here'))).toBe('here')
  expect(await withTimeout(1, new Promise(() => undefined))).toBeUndefined()
})

test('a process that got no processor time until its timeout was over reads what has arrived before it gives up', async () => {
  const server = createServer((socket) => socket.end('answer'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  // The server is in this process: what it sends arrives in the turn after the one that is blocked.
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answer = once(socket, 'data').then(([data]) => String(data))
  await new Promise((resolve) => setImmediate(resolve))
  const waiting = withTimeout(5, answer)
  const until = performance.now() + 30
  while (performance.now() < until);
  expect(await waiting).toBe('answer')
  server.close()
})
