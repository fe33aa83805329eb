import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { type RedisServer, startRedis } from '#deploy/machine/redis'
import { run } from '#deploy/machine/run'

/** A real Redis for the tests of one file, with its append-only file in a folder of its own; gone at the file's end. */
export function useRedis(): {
  url: () => string
  server: () => RedisServer
  restart: () => Promise<void>
  stop: () => Promise<void>
  /** Forgets everything. */
  empty: () => Promise<void>
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
  beforeAll(start, 120_000)
  afterAll(async () => {
    await server?.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: () => `redis://127.0.0.1:${port}`,
    server: running,
    restart: start,
    async empty() {
      await run('redis-cli', ['-u', running().url, 'flushall'])
    },
    async stop() {
      await running().stop()
      server = undefined
    },
  }
}
