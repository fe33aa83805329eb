import { createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { createSigner } from '#src/redis/hmac-signer'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisTerminalBus } from '#src/redis/session-change-bus'
import { listenOnLoopback } from '#test/fakes/listen'
import { waitUntil } from '#test/flow/wait-for'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** Starts a server that speaks as much of Redis' protocol as a subscriber needs, and leaves all subscriptions but the first unanswered. */
async function startServer(refuse = false) {
  const sockets = new Set<Socket>()
  let subscriptions = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const [, command = ''] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        if (command === 'info') socket.write('$9\r\nloading:0\r\n')
        else if (command !== 'subscribe') socket.write('+OK\r\n')
        else {
          subscriptions += 1
          const [channel = ''] = /(?<=subscribe\r\n\$\d+\r\n)\S+/.exec(String(data)) ?? []
          if (refuse) socket.write("-NOPERM User bot has no permissions to run the 'subscribe' command\r\n")
          else if (subscriptions === 1)
            socket.write(`*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`)
        }
      }
    })
  })
  const port = await listenOnLoopback(server)
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  closing.push(() => new Promise((resolve) => server.close(resolve)), drop)
  return { url: `redis://127.0.0.1:${port}`, subscriptions: () => subscriptions, connections: () => sockets.size, drop }
}

test.each([
  [
    'cancellations',
    async (redis: Redis) => {
      const bus = redisCancelBus(redis, { signer: createSigner('a key') })
      await bus.onCancel('abc', () => undefined)
      return bus
    },
  ],
  [
    'sessions',
    async (redis: Redis) => {
      const bus = redisTerminalBus(redis)
      bus.onChange('abc', () => undefined)
      return bus
    },
  ],
])('a process that stops while it subscribes to %s again rejects nothing that nobody handles', async (_name, open) => {
  const { url, subscriptions, connections, drop } = await startServer()
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 1 })
  redis.on('error', () => undefined)
  closing.push(() => redis.disconnect())
  const bus = await open(redis)
  await waitUntil('it has subscribed', () => subscriptions() === 1)
  drop()
  await waitUntil('it subscribes again', () => subscriptions() > 1)
  await bus.close()
  await waitUntil('only the other connection is left', () => connections() === 1)
  // Jest makes a rejection that nobody handles an error of the test that runs.
  await new Promise((resolve) => setTimeout(resolve))
  expect(redis.status).toBe('ready')
})

test('where Redis refuses a subscription, what waits for it says so', async () => {
  const { url } = await startServer(true)
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 1 })
  closing.push(() => redis.disconnect())
  const bus = redisCancelBus(redis, { signer: createSigner('a key') })
  closing.push(() => bus.close())
  await expect(bus.onCancel('abc', () => undefined)).rejects.toThrow(/NOPERM/)
})
