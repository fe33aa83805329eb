import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'

/** Keeps the tests of one file apart from those of all files, in other checkouts too, that take a lock of the same name. */
export function useMachineLock(name: string): void {
  let release = async () => undefined as unknown
  beforeAll(async () => {
    const file = join(tmpdir(), `retina-tests-${name}.lock`)
    // The kernel gives the lock back when its holder ends, however that is.
    const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(holder, 'close')
    release = () => {
      holder.stdin.end()
      return ended
    }
    await once(holder.stdout, 'data')
  }, 600_000)
  afterAll(() => release())
}
