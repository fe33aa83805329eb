import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { httpServer } from '#src/http'
import { openMetrics } from '#src/metrics'
import { silentLog } from '#test/samples/run'

const opened = () => httpServer({ checks: [], metrics: openMetrics(), log: silentLog })

test('a connection on which nobody asked anything, as browsers open them ahead, doesn’t keep the program from stopping', async () => {
  const http = opened()
  const socket = connect(await http.listen('127.0.0.1', 0), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  // The server's side of it too.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const gone = new Promise((resolve) => socket.once('close', resolve))
  await http.close()
  await gone
  expect(socket.destroyed).toBe(true)
}, 10_000)

test('a request under way is answered before the server is gone', async () => {
  const http = opened()
  http.mount('/slow', (_request, response) => {
    setTimeout(() => response.end('answered'), 300)
  })
  const port = await http.listen('127.0.0.1', 0)
  const answer = fetch(`http://127.0.0.1:${port}/slow`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await http.close()
  expect(await (await answer).text()).toBe('answered')
}, 10_000)
