import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { type RedisServer, startRedis } from '#dev/machine/redis'
import { run } from '#dev/machine/run'

const fixtures = join(import.meta.dirname, '../fixtures/recorded')

/**
 * Starts a Redis with the data that an earlier version of the program stored, at the time of the recording, so that nothing has expired.
 */
export async function startRecordedRedis(version: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-recorded-'))
  const recorded = join(fixtures, version)
  cpSync(join(recorded, 'appendonlydir'), join(folder, 'appendonlydir'), { recursive: true })
  await installPackages(['gcc', 'libc6-dev'])
  const library = join(folder, 'shifted-clock.so')
  await run('gcc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'shifted-clock.c')])
  const recordedAt = Number(readFileSync(join(recorded, 'redis-time'), 'utf8'))
  const shift = String(recordedAt - Math.floor(Date.now() / 1_000))
  const server = await startRedis({ folder, env: { LD_PRELOAD: library, SHIFTED_CLOCK_SECONDS: shift } })
  return {
    ...server,
    async stop(signal) {
      await server.stop(signal)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
