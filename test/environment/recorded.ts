import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { type RedisServer, startRedis } from '#dev/machine/redis'
import { run } from '#dev/machine/run'

const fixtures = join(import.meta.dirname, '../fixtures/recorded')

/** A Redis with what an earlier version left in its own, at the time at which that was recorded; nothing in it has expired. */
export async function startRecordedRedis(version: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-recorded-'))
  const recorded = join(fixtures, version)
  cpSync(join(recorded, 'appendonlydir'), join(folder, 'appendonlydir'), { recursive: true })
  await installPackages(['gcc', 'libc6-dev'])
  const library = join(folder, 'shifted-clock.so')
  await run('gcc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'shifted-clock.c')])
  const then = Number(readFileSync(join(recorded, 'redis-time'), 'utf8'))
  const shift = String(then - Math.floor(Date.now() / 1_000))
  const server = await startRedis({ folder, env: { LD_PRELOAD: library, SHIFTED_CLOCK_SECONDS: shift } })
  return {
    ...server,
    async stop(signal) {
      await server.stop(signal)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
