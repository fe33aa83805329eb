import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { withTimeout } from '#core/util/timeout'
import { listenOnLoopback } from '#test/fakes/listen'

test('a promise in time keeps its value; one that is late gives undefined', async () => {
  expect(await withTimeout(60_000, Promise.resolve('here'))).toBe('here')
  expect(await withTimeout(1, new Promise(() => undefined))).toBeUndefined()
})

test('a process that got no processor time until its timeout was over reads what has arrived before it gives up', async () => {
  const server = createServer()
  const port = await listenOnLoopback(server)
  const accepted = once(server, 'connection')
  const socket = connect(port, '127.0.0.1')
  const [[sender]] = await Promise.all([accepted as Promise<[Socket]>, once(socket, 'connect')])
  const answer = once(socket, 'data').then(([data]) => String(data))
  const waiting = withTimeout(5, answer)
  // It is in the kernel's buffer when this returns.
  sender.end('answer')
  const until = performance.now() + 30
  while (performance.now() < until);
  expect(await waiting).toBe('answer')
  server.close()
})
