import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { httpServer } from '#src/app/http'
import { silentLog } from '#test/samples/run'

const opened = () => httpServer({ log: silentLog, timing: { httpCloseMs: 300 } })

test('a connection without a request, as browsers open in advance, doesn’t prevent the program from stopping', async () => {
  const http = opened()
  const socket = connect(await http.listen('127.0.0.1', 0), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  // Gives the server time to accept the connection.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const gone = new Promise((resolve) => socket.once('close', resolve))
  await http.close()
  await gone
  expect(socket.destroyed).toBe(true)
})

test('a pending request is answered before the server is closed', async () => {
  const http = opened()
  const arrived = Promise.withResolvers<ServerResponse>()
  http.mount('/slow', (_request, response) => arrived.resolve(response))
  const port = await http.listen('127.0.0.1', 0)
  const answer = fetch(`http://127.0.0.1:${port}/slow`)
  const response = await arrived.promise
  const closed = http.close()
  response.end('answered')
  await closed
  expect(await (await answer).text()).toBe('answered')
})
