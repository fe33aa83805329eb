import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { installRedis, type RedisServer, startRedis } from '#dev/machine/redis'

/** Installs Redis, if it is missing, before the tests of one file, which start it themselves. */
export function useInstalledRedis(): void {
  beforeAll(installRedis)
}

/** Starts a real Redis for the tests of one file, with its append-only file in a temporary folder; removes both after the tests. */
export function useRedis(): {
  url: () => string
  server: () => RedisServer
  restart: () => Promise<void>
  stop: () => Promise<void>
  /** Deletes all data. */
  empty: () => Promise<void>
  /** Returns the append-only file: all that was ever written, also what has expired or was deleted. */
  written: () => Buffer
} {
  const folder = mkdtempSync(join(tmpdir(), 'retina-redis-'))
  let server: RedisServer | undefined
  let port = 0
  const running = () => {
    if (server === undefined) throw new Error('Redis is not running')
    return server
  }
  const start = async () => {
    server = await startRedis({ folder, ...(port === 0 ? {} : { port }) })
    port = Number(new URL(server.url).port)
  }
  beforeAll(start)
  afterAll(async () => {
    await server?.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: () => `redis://127.0.0.1:${port}`,
    server: running,
    restart: start,
    empty: () => flush(Number(new URL(running().url).port)),
    written() {
      const files = join(folder, 'appendonlydir')
      return Buffer.concat(readdirSync(files).map((name) => readFileSync(join(files, name))))
    },
    async stop() {
      await running().stop()
      server = undefined
    },
  }
}

/** Sends FLUSHALL over a new connection: starting redis-cli would take ten times as long. */
function flush(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('data', (answer) => {
      socket.destroy()
      if (String(answer).startsWith('+OK')) resolve()
      else reject(new Error(`Redis: ${String(answer)}`))
    })
    socket.write('FLUSHALL\r\n')
  })
}
