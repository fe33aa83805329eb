import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#dev/machine/free-port'
import { type RedisServer, startRedis } from '#dev/machine/redis'
import { run } from '#dev/machine/run'
import { waitUntil } from '#test/flow/wait-for'

export type SentinelSetup = {
  /** Value for `REDIS_URL`. */
  url: string
  primary: RedisServer
  /** Resolves with the port of the Redis that is the primary now, according to the Sentinel. */
  primaryPort: () => Promise<number>
  close: () => Promise<void>
}

/** Starts a primary, a replica, and a Sentinel that promotes the replica one second after the primary is gone. */
export async function startSentinel(): Promise<SentinelSetup> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-sentinel-'))
  const [primary, replica, port] = await Promise.all([
    startRedis({ folder: join(folder, 'primary') }),
    startRedis({ folder: join(folder, 'replica') }),
    freePort(),
  ])
  const primaryPort = new URL(primary.url).port
  // By default the primary waits some seconds for further replicas.
  await run('redis-cli', ['-u', primary.url, 'config', 'set', 'repl-diskless-sync-delay', '0'])
  await run('redis-cli', ['-u', replica.url, 'replicaof', '127.0.0.1', primaryPort])
  // A Sentinel that asks the primary before that asks again only after ten seconds.
  await waitUntil('the replica has joined', async () =>
    (await run('redis-cli', ['-u', primary.url, 'info', 'replication'])).includes('state=online'),
  )
  const file = join(folder, 'sentinel/sentinel.conf')
  mkdirSync(join(file, '..'))
  const settings = ['down-after-milliseconds primary 1000', 'failover-timeout primary 5000']
  const lines = [`monitor primary 127.0.0.1 ${primaryPort} 1`, ...settings].map((each) => `sentinel ${each}`)
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\nset-proc-title no\n${lines.join('\n')}\n`)
  const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => sentinel.once('exit', () => resolve()))
  const ask = (...args: string[]) => run('redis-cli', ['-p', String(port), ...args])
  // Until it has found the replica, it has none to promote.
  await waitUntil('the Sentinel knows the replica', async () =>
    (await ask('sentinel', 'replicas', 'primary').catch(() => '')).includes(new URL(replica.url).port),
  )
  return {
    url: `redis+sentinel://127.0.0.1:${port}/primary`,
    primary,
    async primaryPort() {
      const answer = await ask('sentinel', 'get-master-addr-by-name', 'primary')
      return Number(answer.trim().split('\n')[1])
    },
    async close() {
      sentinel.kill('SIGKILL')
      await exited
      await Promise.all([primary.stop('SIGKILL'), replica.stop('SIGKILL')])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
