import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { useInstalledRedis } from '#test/environment/redis'
import { waitUntil } from '#test/flow/wait-for'
import { isAlive, killPrograms, program } from './program.ts'

useInstalledRedis()
afterEach(killPrograms)

test('Redis, which writes its title over its environment, ends with a program that is killed, and so do temporary files', async () => {
  const { child, line } = await program(`
    import { mkdtempSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'
    cleanup.useTemporaryFolder(await cleanup.openCleanup())
    const folder = mkdtempSync(join(tmpdir(), 'redis-'))
    const { pid } = await redis.startRedis({ folder })
    console.log(folder + ' ' + pid)
    setInterval(() => undefined, 1000)`)
  const [folder = '', pid = ''] = line.split(' ')
  expect([existsSync(folder), isAlive(Number(pid))]).toEqual([true, true])
  child.kill('SIGKILL')
  await waitUntil('Redis has ended', () => !isAlive(Number(pid)))
  await waitUntil('its folder is gone', () => !existsSync(join(folder, '..')))
})
