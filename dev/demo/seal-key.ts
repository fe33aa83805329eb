import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Returns the key that signed what earlier demos stored in `folder`. Where there is none, makes one, and deletes Redis' data: another key
 * signed it, and the program runs nothing on an audit log that it can't verify.
 */
export function readSealKey(folder: string): string {
  const file = join(folder, 'seal-key')
  if (!existsSync(file)) {
    rmSync(join(folder, 'redis'), { recursive: true, force: true })
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}
