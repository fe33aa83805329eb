import { createServer } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import { KubeConfig } from '@kubernetes/client-node'
import { WebSocketServer } from 'ws'
import { openExec } from '#src/kubernetes/api/exec'
import { openingError } from '#src/kubernetes/terminal/session-exec-errors'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Starts an API server that knows one subprotocol of execs, or none at all; its program echoes its input. */
async function apiServer(known: string | undefined): Promise<{ config: KubeConfig; asked: string[] }> {
  const asked: string[] = []
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (known !== undefined && offered.has(known) ? known : false),
  })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    asked.push(request.headers['sec-websocket-protocol'] ?? '')
    if (known === undefined) {
      const text = JSON.stringify({ kind: 'Status', message: 'unable to upgrade: unsupported protocol' })
      socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data: Buffer) => {
        webSocket.send(Buffer.concat([Buffer.of(1), data.subarray(1)]))
        webSocket.send(Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]))
      })
    })
  })
  const port = await listenOnLoopback(server)
  closing.push(() => closeServer(server))
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'old', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'a' })
  return { config, asked }
}

const place = { namespace: 'a', pod: 'b', container: 'c' }

test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
  'an API server that knows %s, as one before 1.30 does the older one, serves an exec with input',
  async (known) => {
    const { config, asked } = await apiServer(known)
    const exec = await openExec(config, place, ['cat'], { stdin: true })
    exec.write('hello')
    const parts: Buffer[] = []
    for await (const part of exec.stdout) parts.push(part as Buffer)
    expect(Buffer.concat(parts).toString()).toBe('hello')
    expect(await exec.ended).toMatchObject({ status: { exitCode: 0 } })
    expect(asked).toEqual(['v5.channel.k8s.io,v4.channel.k8s.io'])
  },
)

test('an API server without WebSockets for execs is told by its own words, and no shell waits for it', async () => {
  const { config } = await apiServer(undefined)
  const refused = await openExec(config, place, ['cat'], { stdin: true }).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 400, message: 'unable to upgrade: unsupported protocol' })
  expect(openingError(refused, '')).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/API server.*1\.30.*unsupported protocol/),
  })
})
