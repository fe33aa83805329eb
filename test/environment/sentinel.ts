import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type RedisServer, startRedis } from '#dev/machine/redis'
import { run } from '#dev/machine/run'
import { waitUntil } from '#test/flow/wait-for'

export type Watched = {
  /** As `REDIS_URL` takes it. */
  url: string
  primary: RedisServer
  /** Port of the Redis that the Sentinel names as the primary just now. */
  primaryPort: () => Promise<number>
  close: () => Promise<void>
}

/** A primary, a replica of it, and a Sentinel that makes the replica the primary one second after the other is gone. */
export async function startWatched(): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-sentinel-'))
  const [primary, replica, port] = await Promise.all([
    startRedis({ folder: join(folder, 'primary') }),
    startRedis({ folder: join(folder, 'replica') }),
    freePort(),
  ])
  const from = new URL(primary.url).port
  // Else it waits some seconds for further replicas.
  await run('redis-cli', ['-u', primary.url, 'config', 'set', 'repl-diskless-sync-delay', '0'])
  await run('redis-cli', ['-u', replica.url, 'replicaof', '127.0.0.1', from])
  // A Sentinel that looks before that looks again only after ten seconds.
  await waitUntil('the replica has joined', async () =>
    (await run('redis-cli', ['-u', primary.url, 'info', 'replication'])).includes('state=online'),
  )
  const file = join(folder, 'sentinel/sentinel.conf')
  mkdirSync(join(file, '..'))
  const settings = ['down-after-milliseconds primary 1000', 'failover-timeout primary 5000']
  const lines = [`monitor primary 127.0.0.1 ${from} 1`, ...settings].map((each) => `sentinel ${each}`)
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\n${lines.join('\n')}\n`)
  const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => sentinel.once('exit', () => resolve()))
  const ask = (...words: string[]) => run('redis-cli', ['-p', String(port), ...words])
  // It has to have found the replica, else it has nobody to name.
  await waitUntil('the Sentinel knows the replica', async () =>
    (await ask('sentinel', 'replicas', 'primary').catch(() => '')).includes(new URL(replica.url).port),
  )
  return {
    url: `redis+sentinel://127.0.0.1:${port}/primary`,
    primary,
    async primaryPort() {
      const said = await ask('sentinel', 'get-master-addr-by-name', 'primary')
      return Number(said.trim().split('\n')[1])
    },
    async close() {
      sentinel.kill('SIGKILL')
      await gone
      await Promise.all([primary.stop('SIGKILL'), replica.stop('SIGKILL')])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
